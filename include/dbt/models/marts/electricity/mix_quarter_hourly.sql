{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        partition_by={'field': 'local_date', 'data_type': 'date', 'granularity': 'month'},
        require_partition_filter=true,
        cluster_by=['started_at'],
        partitions=window_partitions(),
        on_schema_change='append_new_columns'
    )
}}

{%- set sources = measures(['source']) %}

with

steps as (

    select * from {{ ref('int_mix_steps') }}
    where {{ in_window('local_date') }}

),

days as (

    select
        local_date as day,
        hours_in_day / expected_steps as hours
    from {{ ref('int_mix_daily_observed') }}
    where {{ in_window('local_date') }}

),

observed as (

    select
        steps.*,
        days.hours,
        {{ sum_of(sources) }} as production_mw
    from steps
    inner join days on steps.local_date = days.day
    where steps.consumption_mw is not null

),

measured as (

    select
        started_at,
        local_date,
        clock_time,
        maturity,
        hours,
        consumption_mw,
        consumption_mw * hours as consumption_mwh,
        production_mw,
        production_mw * hours as production_mwh,
        {% for measure in sources -%}
        {{ measure.name }},
        {{ measure.name }} * hours as {{ energy_name(measure) }},
        safe_divide({{ measure.name }}, production_mw) as {{ share_name(measure) }},
        {% endfor -%}
        {% for measure in measures(['storage', 'exchange', 'border']) -%}
        {{ measure.name }},
        {% endfor -%}
        co2_g_per_kwh
    from observed

)

select * from measured
