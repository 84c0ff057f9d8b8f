{#- Candidates, °C. Below the first one heating begins, and above the last one most years have too few days. -#}
{%- set candidates = range(16, 25) %}

with

days as (

    -- Workdays without heating, among which the temperature is sought from which consumption rises.
    select
        extract(year from local_date) as calendar_year,
        format_date('%Y-%m', local_date) as month_key,
        effective_celsius,
        consumption_mw
    from {{ ref('anomalies_daily') }}
    where
        is_workday
        and effective_celsius >= {{ var('heating_threshold_celsius') }}
        and consumption_mw is not null

),

bent as (

    select
        candidate,
        calendar_year,
        month_key,
        greatest(effective_celsius - candidate, 0) as x,
        consumption_mw as y
    from days
    cross join unnest([{{ candidates | join(', ') }}]) as candidate

),

centred as (

    select
        candidate,
        calendar_year,
        x - {{ exact_mean('x', over='(partition by candidate, month_key)') }} as x,
        y - {{ exact_mean('y', over='(partition by candidate, month_key)') }} as y
    from bent

),

by_year as (

    select
        candidate,
        calendar_year,
        {{ exact_sum('x * x') }} as sxx,
        {{ exact_sum('x * y') }} as sxy,
        {{ exact_sum('y * y') }} as syy
    from centred
    group by candidate, calendar_year

),

left_out as (

    -- Each year left out once; null leaves out none.
    select distinct calendar_year as left_out_year from by_year
    union all
    select cast(null as int64) as left_out_year

),

fits as (

    select
        left_out.left_out_year,
        by_year.candidate,
        {{ exact_sum('by_year.sxx') }} as sxx,
        {{ exact_sum('by_year.sxy') }} as sxy,
        {{ exact_sum('by_year.syy') }} as syy
    from left_out
    inner join by_year
        on
            left_out.left_out_year is null
            or left_out.left_out_year != by_year.calendar_year
    group by left_out.left_out_year, by_year.candidate

),

ranked as (

    select
        left_out_year,
        candidate,
        row_number() over (
            partition by left_out_year
            order by round(safe_divide(sxy * sxy, sxx * syy), 9) desc, candidate asc
        ) as place
    from fits
    where sxy > 0 and safe_divide(sxy * sxy, sxx * syy) > 1e-9

),

found as (

    select
        max(if(left_out_year is null, candidate, null)) as candidate,
        min(if(left_out_year is null, null, candidate)) as lowest,
        max(if(left_out_year is null, null, candidate)) as highest
    from ranked
    where place = 1

),

known as (

    select
        count(*) as days,
        count(distinct calendar_year) as years
    from days

),

judged as (

    -- Always exactly one row.
    select
        found.*,
        known.days,
        case
            when known.days = 0 then 'no_data'
            when known.days < {{ var('minimum_days') }} then 'too_few_days'
            when found.candidate is null then 'no_threshold'
            when known.years < 2 then 'too_few_years'
            -- Some bend explains noise best too, but a real one does not move when a single year is left out.
            when found.highest - found.lowest > 3 then 'no_threshold'
        end as reason
    from known
    cross join found

)

select
    if(reason is null, candidate, null) as threshold_celsius,
    days,
    if(reason is null, lowest, null) as lowest_celsius,
    if(reason is null, highest, null) as highest_celsius,
    reason
from judged
