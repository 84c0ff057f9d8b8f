{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        partition_by={'field': 'date_mix', 'data_type': 'date', 'granularity': 'month'},
        partitions=window_partitions(),
        on_schema_change='append_new_columns'
    )
}}

{%- set sources = measures(['source']) -%}
{%- set borders = measures(['border']) %}

with

mix as (

    select * from {{ ref('int_mix_daily') }}
    where {{ in_window('local_date') }}

),

gas as (

    select * from {{ ref('int_gas_storage_daily') }}

),

temperature as (

    select * from {{ ref('int_temperature_daily') }}

),

trusted as (

    -- A mean over less than nine tenths of the day's steps says nothing about the day.
    select
        local_date,
        hours_in_day,
        observed_steps,
        expected_steps,
        is_complete,
        maturity,
        {% for measure in measures() -%}
        if(is_usable, {{ measure.name }}, null) as {{ measure.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from mix

),

named as (

    select
        *,
        {{ name_of_extreme(
            sources | map(attribute='name') | list,
            sources | map(attribute='label') | list,
            beyond_zero=true
        ) }} as top_source,
        {{ name_of_extreme(
            borders | map(attribute='name') | list,
            borders | map(attribute='label') | list,
            least=true, beyond_zero=true
        ) }} as top_foreign_buyer
    from trusted

),

merged as (

    select
        named.local_date as date_mix,
        temperature.mean_celsius as TMoydegC,
        temperature.temperature_category,
        {% for measure in measures() if measure.legacy -%}
        named.{{ measure.name }} as {{ measure.legacy }},
        {% endfor -%}
        named.top_source,
        named.top_foreign_buyer,
        gas.stock_gwh as stock_gaz,
        named.is_complete as is_mix_complete,
        named.observed_steps,
        named.expected_steps,
        named.hours_in_day,
        named.maturity,
        coalesce(gas.is_complete, false) as is_gas_complete,
        gas.missing_sites as missing_gas_sites,
        coalesce(temperature.is_complete, false) as is_temperature_complete
    from named
    left join gas on named.local_date = gas.gas_day
    left join temperature on named.local_date = temperature.local_date

)

select * from merged
