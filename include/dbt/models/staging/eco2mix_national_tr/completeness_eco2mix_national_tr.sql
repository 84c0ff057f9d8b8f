{{ config(materialized='ephemeral') }}

{#- Forecasts are left out, because they are not observations and no figure of a day depends on them. -#}
{%- set observed_measures = measures() | rejectattr('kind', 'eq', 'forecast') | list %}

with

days as (

    select * from {{ ref('int_mix_daily_observed') }}

),

lacking as (

    -- A measure that the source does not publish on a day is missing only if it is a required one.
    {% for measure in observed_measures -%}
    select
        local_date,
        hours_in_day,
        {{ loop.index }} as place,
        '{{ _measure_in_words(measure) }}' as measure,
        hours_{{ measure.name }} as hours,
        expected_{{ measure.name }} - steps_{{ measure.name }}
        {{- ' - coalesce(implausible_' ~ measure.name ~ ', 0)' if measure.usual or measure.spike }} as missing_steps
    from days
    where
        observed_steps > 0
        and state_{{ measure.name }} in ('usable', 'partial'{{ ", 'absent'" if measure.required }})
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

alike as (

    -- Measures that lack the same steps are named together.
    select
        local_date,
        hours_in_day,
        hours,
        missing_steps,
        min(place) as place,
        string_agg(measure, ', ' order by place) as measures
    from lacking
    where missing_steps > 0
    group by local_date, hours_in_day, hours, missing_steps

),

empty_hours as (

    -- Hours that follow each other without a gap share the number `run`.
    select
        alike.local_date,
        alike.hours,
        alike.missing_steps,
        clock_hour,
        clock_hour - row_number() over (
            partition by alike.local_date, alike.hours, alike.missing_steps order by clock_hour
        ) as run
    from alike
    cross join unnest(generate_array(0, 23)) as clock_hour
    where
        (alike.hours & (1 << clock_hour)) = 0
        and not (alike.hours_in_day = 23 and clock_hour = 2)

),

runs as (

    select
        local_date,
        hours,
        missing_steps,
        min(clock_hour) as first_hour,
        concat(format('%02d:00', min(clock_hour)), '–', format('%02d:59', max(clock_hour))) as clock_times
    from empty_hours
    group by local_date, hours, missing_steps, run

),

named as (

    select
        alike.local_date,
        alike.place,
        concat(
            any_value(alike.measures),
            ': ',
            coalesce(concat(string_agg(runs.clock_times, ', ' order by runs.first_hour), ' '), ''),
            '(',
            cast(alike.missing_steps as string),
            if(alike.missing_steps = 1, ' step)', ' steps)')
        ) as missing
    from alike
    left join runs
        on
            alike.local_date = runs.local_date
            and alike.hours = runs.hours
            and alike.missing_steps = runs.missing_steps
    group by alike.local_date, alike.place, alike.missing_steps

),

described as (

    select
        local_date,
        string_agg(missing, '; ' order by place) as missing
    from named
    group by local_date

),

doubted as (

    {% for measure in bounded_measures() -%}
    select
        local_date,
        {{ loop.index }} as place,
        concat(
            '{{ _measure_in_words(measure) }} (',
            {% if measure.kind == 'forecast' -%}
            if(is_straight_{{ measure.name }}, 'a straight line', concat(
                cast(implausible_{{ measure.name }} as string), if(implausible_{{ measure.name }} = 1, ' step', ' steps')
            )),
            {%- else -%}
            cast(implausible_{{ measure.name }} as string),
            if(implausible_{{ measure.name }} = 1, ' step', ' steps'),
            {%- endif %}
            ')'
        ) as implausible
    from days
    where implausible_{{ measure.name }} > 0{{ ' or is_straight_' ~ measure.name if measure.kind == 'forecast' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

implausible_days as (

    select
        local_date,
        string_agg(implausible, ', ' order by place) as implausible
    from doubted
    group by local_date

),

compared as (

    -- A day with forecasts only is published, but not observed yet.
    select
        days.local_date,
        {% if required_measures() -%}
        least(
            {% for measure in required_measures() -%}
            days.steps_{{ measure.name }}{{ ',' if not loop.last }}
            {% endfor %}
        ) as received,
        {%- else -%}
        days.observed_steps as received,
        {%- endif %}
        days.expected_steps as expected,
        if(days.observed_steps = 0, 'forecasts only, nothing observed', described.missing) as missing,
        implausible_days.implausible,
        cast(null as string) as late
    from days
    left join described on days.local_date = described.local_date
    left join implausible_days on days.local_date = implausible_days.local_date

)

select * from compared
