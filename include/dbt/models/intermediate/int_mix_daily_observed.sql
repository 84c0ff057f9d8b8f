{{
    config(
        materialized='incremental',
        partition_by={'field': 'local_date', 'data_type': 'date', 'granularity': 'month'}
    )
}}

{#- Incremental, because it reads steps. Every day is made from its own steps only, so the order in which windows are
    loaded makes no difference. -#}

with

steps as (

    select * from {{ ref('int_mix_steps') }}
    where {{ in_window('local_date') }}

),

{{ spikes_of('steps') }},

observed as (

    -- A row without consumption is a forecast, and other values in it were not observed. An implausible value counts as
    -- missing.
    select
        steps.local_date,
        steps.started_at,
        substr(steps.clock_time, 4, 2) as clock_minute,
        cast(substr(steps.clock_time, 1, 2) as int64) as clock_hour,
        steps.hours_in_day,
        steps.consumption_mw is not null as is_observed,
        if(steps.consumption_mw is not null, steps.maturity, null) as maturity,
        {% for measure in measures() -%}
        {%- if measure.usual or measure.spike -%}
        steps.consumption_mw is not null and {{ is_implausible(measure) }} as is_implausible_{{ measure.name }},
        if(steps.consumption_mw is null or {{ is_implausible(measure) }}, null, steps.{{ measure.name }})
            as {{ measure.name }}
        {%- else -%}
        if(steps.consumption_mw is not null, steps.{{ measure.name }}, null) as {{ measure.name }}
        {%- endif %}{{ ',' if not loop.last }}
        {% endfor %}
    from steps
    left join spikes
        on
            steps.local_date = spikes.local_date
            and steps.clock_time = spikes.clock_time

),

hours as (

    -- Means of hours, in NUMERIC, whose sums do not depend on the order of the rows. The mean of a day is the mean of its
    -- hours, so that a missing step is replaced by the other steps of its hour and not by the rest of the day.
    select
        local_date,
        clock_hour,
        any_value(hours_in_day) as hours_in_day,
        countif(is_observed) as observed_steps,
        {{ is_quarter_hourly('is_observed', 'clock_minute') }} as is_quarter_hourly,
        {{ maturity_of('maturity') }} as maturity,
        max(if(is_observed, started_at, null)) as last_observed_at,
        {% for measure in measures() -%}
        cast(avg({{ measure.name }}) as numeric) as {{ measure.name }},
        count({{ measure.name }}) as steps_{{ measure.name }},
        {% endfor -%}
        {% for measure in bounded_measures() -%}
        countif(is_implausible_{{ measure.name }}) as implausible_{{ measure.name }},
        {% endfor -%}
        {% for measure in measures(['consumption', 'source']) -%}
        max({{ measure.name }}) as peak_{{ measure.name }},
        {% endfor -%}
        {#- Exports are taken per step, so that power that leaves by night and comes back by day does not cancel out. #}
        {% for measure in measures(['border']) -%}
        cast(avg(greatest(-{{ measure.name }}, 0)) as numeric) as {{ export_name(measure) }},
        cast(avg(greatest({{ measure.name }}, 0)) as numeric) as {{ import_name(measure) }},
        {% endfor -%}
        {% for measure in measures(['forecast']) -%}
        {%- set error = measure.name ~ ' - consumption_mw' -%}
        {{ maturity_of('if(' ~ measure.name ~ ' is null, null, maturity)') }} as maturity_{{ measure.name }},
        count({{ error }}) as count_error_{{ measure.name }},
        sum({{ error }}) as sum_error_{{ measure.name }},
        sum(abs({{ error }})) as sum_absolute_error_{{ measure.name }},
        sum(if({{ measure.name }} is null, null, consumption_mw)) as sum_consumption_{{ measure.name }},
        max(abs({{ error }})) as greatest_absolute_error_{{ measure.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from observed
    group by local_date, clock_hour

),

straightened as (

    -- Hours in which a forecast lies on the line between the hours around it.
    select
        *,
        {% for measure in measures(['forecast']) -%}
        {{ is_on_a_line(measure.name) }} as is_straight_{{ measure.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from hours

),

counted as (

    select
        local_date,
        any_value(hours_in_day) as hours_in_day,
        {{ written_hours('any_value(hours_in_day)') }} as written_hours,
        cast(sum(observed_steps) as int64) as observed_steps,
        countif(is_quarter_hourly) > 0 as is_quarter_hourly,
        {{ maturity_of('maturity') }} as maturity,
        max(last_observed_at) as last_observed_at,
        {% for measure in measures() -%}
        cast(avg({{ measure.name }}) as float64) as {{ measure.name }},
        cast(sum(steps_{{ measure.name }}) as int64) as steps_{{ measure.name }},
        max(steps_{{ measure.name }}) as densest_{{ measure.name }},
        cast(sum(if(steps_{{ measure.name }} > 0, 1 << clock_hour, 0)) as int64) as hours_{{ measure.name }},
        {% endfor -%}
        {% for measure in bounded_measures() -%}
        cast(sum(implausible_{{ measure.name }}) as int64) as implausible_{{ measure.name }},
        {% endfor -%}
        {% for measure in measures(['consumption', 'source']) -%}
        max(peak_{{ measure.name }}) as peak_{{ measure.name }},
        {% endfor -%}
        {% for hour in hours_of_day() -%}
        cast(avg(if(clock_hour = {{ hour | int }}, consumption_mw, null)) as float64) as consumption_hour_{{ hour }}_mw,
        {% endfor -%}
        {% for measure in measures(['border']) -%}
        cast(avg({{ export_name(measure) }}) as float64) as {{ export_name(measure) }},
        cast(avg({{ import_name(measure) }}) as float64) as {{ import_name(measure) }},
        {% endfor -%}
        {% for measure in measures(['forecast']) -%}
        {%- set steps = 'sum(count_error_' ~ measure.name ~ ')' -%}
        countif(is_straight_{{ measure.name }}) >= {{ var('straight_forecast_hours') }} as is_straight_{{ measure.name }},
        {{ maturity_of('maturity_' ~ measure.name) }} as maturity_{{ measure.name }},
        safe_divide(sum(sum_error_{{ measure.name }}), {{ steps }}) as mean_error_{{ measure.name }},
        safe_divide(sum(sum_absolute_error_{{ measure.name }}), {{ steps }})
            as mean_absolute_error_{{ measure.name }},
        safe_divide(sum(sum_absolute_error_{{ measure.name }}), sum(sum_consumption_{{ measure.name }}))
            as relative_absolute_error_{{ measure.name }},
        max(greatest_absolute_error_{{ measure.name }}) as greatest_absolute_error_{{ measure.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from straightened
    group by local_date

),

gridded as (

    select
        *,
        if(observed_steps > 0, {{ expected_steps('written_hours', 'is_quarter_hourly') }}, null) as expected_steps
    from counted

),

expected as (

    -- A required measure should have a value at every step of the day. Other measures have steps of their own (exchanges
    -- come every hour, every half-hour or at every step), so each hour should have as many values as the fullest hour of
    -- the day.
    select
        *,
        {% for measure in measures() -%}
        {%- if measure.required -%}
        expected_steps
        {%- else -%}
        if(observed_steps > 0, densest_{{ measure.name }} * written_hours, null)
        {%- endif %} as expected_{{ measure.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from gridded

),

judged as (

    select
        * except (
            {% for measure in measures() -%}
            densest_{{ measure.name }}{{ ',' if not loop.last }}
            {% endfor %}
        ),
        {% for measure in measures() -%}
        case
            when steps_{{ measure.name }} = 0 then 'absent'
            when steps_{{ measure.name }} >= expected_{{ measure.name }} then 'complete'
            when
                bit_count(hours_{{ measure.name }}) = written_hours
                and steps_{{ measure.name }} >= {{ var('usable_from_share') }} * expected_{{ measure.name }}
                then 'usable'
            else 'partial'
        end as state_{{ measure.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from expected

)

select * from judged
