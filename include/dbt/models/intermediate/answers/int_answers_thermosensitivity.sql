with

winter_workdays as (

    -- Darkness is the cosine of the time since the winter solstice: 1 on the shortest day.
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

days as (

    select * from {{ ref('int_mix_daily_observed') }}
    where local_date >= date '{{ beginning() }}'

),

consumed as (

    -- Hours of a day whose mean is not trusted are not used either.
    select
        winter_workdays.*,
        concat('thermosensitivity/', hour.part) as part,
        hour.mw
    from winter_workdays
    inner join days on winter_workdays.local_date = days.local_date
    cross join unnest([
        struct('day' as part, winter_workdays.consumption_mw as mw),
        {% for hour in hours_of_day() -%}
        struct('hour_{{ hour }}' as part, days.consumption_hour_{{ hour }}_mw as mw){{ ',' if not loop.last }}
        {% endfor %}
    ]) as hour
    where winter_workdays.consumption_mw is not null

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
