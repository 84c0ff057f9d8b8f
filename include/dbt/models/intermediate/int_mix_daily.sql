{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        partition_by={'field': 'local_date', 'data_type': 'date', 'granularity': 'month'},
        partitions=window_partitions(),
        on_schema_change='append_new_columns'
    )
}}

with

observed as (

    -- Rows without consumption hold forecasts only: they are not production.
    select * from {{ ref('int_mix_steps') }}
    where
        consumption_mw is not null
        and {{ in_window('local_date') }}

),

counted as (

    select
        local_date,
        any_value(hours_in_day) as hours_in_day,
        count(*) as observed_steps,
        countif(substr(clock_time, 4, 2) in ('15', '45')) > 0 as is_quarter_hourly,
        {{ maturity_of('maturity') }} as maturity,
        max(started_at) as last_observed_at,
        {% for measure in measures() -%}
        avg({{ measure.name }}) as {{ measure.name }},
        {% endfor -%}
        {% for measure in measures(['consumption', 'source']) -%}
        max({{ measure.name }}) as peak_{{ measure.name }},
        {% endfor -%}
        {#- per step, so that what leaves by night and comes back by day does not cancel out #}
        {% for measure in measures(['border']) -%}
        avg(greatest(-{{ measure.name }}, 0)) as {{ measure.name | replace('exchange_', 'export_') }},
        avg(greatest({{ measure.name }}, 0)) as {{ measure.name | replace('exchange_', 'import_') }}{{ ',' if not loop.last }}
        {% endfor %}
    from observed
    group by local_date

),

expected as (

    -- The source writes the repeated hour of October once: 24 hours of steps on a day of 25.
    select
        *,
        least(hours_in_day, 24) * if(is_quarter_hourly, 4, 2) as expected_steps
    from counted

),

assessed as (

    select
        *,
        observed_steps = expected_steps as is_complete,
        observed_steps >= 0.9 * expected_steps as is_usable
    from expected

)

select * from assessed
