{{ config(materialized='ephemeral') }}

with

winter_workdays as (

    -- Daylight as the cosine of the year from the winter solstice: 1 on the shortest day.
    select
        local_date,
        winter,
        maturity,
        consumption_mw,
        effective_celsius,
        cos(2 * acos(-1) * (extract(dayofyear from local_date) + 10) / 365.25) as darkness
    from {{ ref('anomalies_daily') }}
    where
        winter is not null
        and is_workday
        and effective_celsius is not null

),

steps as (

    select
        local_date,
        cast(substr(clock_time, 1, 2) as int64) as hour_of_day,
        consumption_mw
    from {{ ref('int_mix_steps') }}
    where
        local_date >= date '{{ beginning() }}'
        and consumption_mw is not null

),

hours as (

    select
        local_date,
        hour_of_day,
        avg(consumption_mw) as consumption_mw
    from steps
    group by local_date, hour_of_day

),

consumed as (

    select
        winter_workdays.*,
        concat('thermosensitivity/hour_', format('%02d', hours.hour_of_day)) as part,
        hours.consumption_mw as mw
    from winter_workdays
    -- A day that is not trusted as a whole is not trusted by the hour.
    inner join hours on winter_workdays.local_date = hours.local_date
    where winter_workdays.consumption_mw is not null
    union all
    select
        *,
        'thermosensitivity/day' as part,
        consumption_mw as mw
    from winter_workdays
    where consumption_mw is not null

),

observed as (

    {% for method, z in [('within_winter', 'cast(null as float64)'), ('within_winter_given_daylight', 'darkness')] -%}
    select
        'sources_vs_temperature' as question,
        part,
        '{{ method }}' as method,
        local_date,
        winter as block_year,
        cast(winter as string) as group_key,
        -effective_celsius as x,
        mw as y,
        {{ z }} as z,
        maturity
    from consumed
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from observed
