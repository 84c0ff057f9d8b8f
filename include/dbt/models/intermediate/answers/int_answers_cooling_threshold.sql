{{ config(materialized='ephemeral') }}

{#- Candidates, °C: below the first heating begins, above the last there are too few days in most years. -#}
{%- set candidates = range(16, 25) %}

with

days as (

    -- Workdays on which nothing is heated: where between them does consumption begin to rise with temperature?
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
        x - avg(x) over (partition by candidate, month_key) as x,
        y - avg(y) over (partition by candidate, month_key) as y
    from bent

),

by_year as (

    select
        candidate,
        calendar_year,
        count(*) as days,
        sum(x * x) as sxx,
        sum(x * y) as sxy,
        sum(y * y) as syy
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

    -- Rounded: floats added in another order must not choose another candidate.
    select
        left_out.left_out_year,
        by_year.candidate,
        sum(by_year.days) as days,
        round(safe_divide(sum(by_year.sxy) * sum(by_year.sxy), sum(by_year.sxx) * sum(by_year.syy)), 9) as r_squared,
        sum(by_year.sxy) > 0 as rises
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
        days,
        row_number() over (partition by left_out_year order by r_squared desc, candidate asc) as place
    from fits
    where rises and r_squared > 0

),

found as (

    -- One row always; its threshold is null when too few days are known or consumption rises nowhere.
    select
        max(if(left_out_year is null and days >= {{ var('minimum_days') }}, candidate, null)) as threshold_celsius,
        max(if(left_out_year is null, days, null)) as days,
        min(if(left_out_year is null, null, candidate)) as lowest_celsius,
        max(if(left_out_year is null, null, candidate)) as highest_celsius
    from ranked
    where place = 1

)

select * from found
