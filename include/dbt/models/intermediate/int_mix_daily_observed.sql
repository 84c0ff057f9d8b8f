{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        partition_by={'field': 'local_date', 'data_type': 'date', 'granularity': 'month'},
        partitions=window_partitions(),
        on_schema_change='append_new_columns'
    )
}}

{#- Incremental, because it reads steps. Every day is made of its own steps only, so the order in which windows are
    loaded cannot show. -#}

with

steps as (

    select * from {{ ref('int_mix_steps') }}
    where {{ in_window('local_date') }}

),

observed as (

    -- Rows without consumption hold forecasts only: what else they hold was not observed.
    select
        local_date,
        started_at,
        clock_time,
        hours_in_day,
        consumption_mw is not null as is_observed,
        if(consumption_mw is not null, maturity, null) as maturity,
        {% for measure in measures() -%}
        if(consumption_mw is not null, {{ measure.name }}, null) as {{ measure.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from steps

),

counted as (

    select
        local_date,
        any_value(hours_in_day) as hours_in_day,
        countif(is_observed) as observed_steps,
        countif(is_observed and substr(clock_time, 4, 2) in ('15', '45')) > 0 as is_quarter_hourly,
        {{ maturity_of('maturity') }} as maturity,
        max(if(is_observed, started_at, null)) as last_observed_at,
        {% for measure in measures() -%}
        avg({{ measure.name }}) as {{ measure.name }},
        count({{ measure.name }}) as steps_{{ measure.name }},
        {% endfor -%}
        {% for measure in measures(['consumption', 'source']) -%}
        max({{ measure.name }}) as peak_{{ measure.name }},
        {% endfor -%}
        {% for hour in hours_of_day() -%}
        avg(if(starts_with(clock_time, '{{ hour }}:'), consumption_mw, null)) as consumption_hour_{{ hour }}_mw,
        {% endfor -%}
        {#- Per step, so that what leaves by night and comes back by day does not cancel out. #}
        {% for measure in measures(['border']) -%}
        avg(greatest(-{{ measure.name }}, 0)) as {{ export_name(measure) }},
        avg(greatest({{ measure.name }}, 0)) as {{ import_name(measure) }},
        {% endfor -%}
        {% for measure in measures(['forecast']) -%}
        {%- set error = measure.name ~ ' - consumption_mw' -%}
        {{ maturity_of('if(' ~ measure.name ~ ' is null, null, maturity)') }} as maturity_{{ measure.name }},
        avg({{ error }}) as mean_error_{{ measure.name }},
        avg(abs({{ error }})) as mean_absolute_error_{{ measure.name }},
        safe_divide(sum(abs({{ error }})), sum(if({{ measure.name }} is null, null, consumption_mw)))
            as relative_absolute_error_{{ measure.name }},
        max(abs({{ error }})) as greatest_absolute_error_{{ measure.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from observed
    group by local_date

),

expected as (

    -- The source writes the repeated hour of October once: 24 hours of steps on a day of 25.
    select
        *,
        if(observed_steps > 0, least(hours_in_day, 24) * if(is_quarter_hourly, 4, 2), null) as expected_steps
    from counted

)

select * from expected
