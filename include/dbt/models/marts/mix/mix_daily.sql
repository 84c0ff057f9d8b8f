{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        partition_by={'field': 'local_date', 'data_type': 'date', 'granularity': 'month'},
        partitions=window_partitions(),
        on_schema_change='append_new_columns'
    )
}}

{%- set sources = measures(['source']) | map(attribute='name') | list %}
{%- set low_carbon = measures(['source']) | selectattr('low_carbon') | map(attribute='name') | list %}
{%- set borders = measures(['border']) | map(attribute='name') | list %}

with

days as (

    select * from {{ ref('int_mix_daily') }}
    where {{ in_window('local_date') }}

),

summed as (

    -- A sum with an unknown part is unknown; a day of which less than nine tenths is observed has no energy.
    select
        *,
        {{ sources | join(' + ') }} as production_mw,
        {{ borders | join(' + ') }} as commercial_exchange_mw,
        if(is_usable, hours_in_day, null) as hours
    from days

),

balanced as (

    -- Batteries are counted in the source's consumption from 2025 on, and published since 2023.
    select
        *,
        production_mw + pumping_mw + physical_exchange_mw - consumption_mw as surplus_mw,
        coalesce(battery_charging_mw, 0) + coalesce(battery_discharging_mw, 0) as battery_mw
    from summed

),

measured as (

    select
        local_date,
        hours_in_day,
        observed_steps,
        expected_steps,
        is_complete,
        is_usable,
        maturity,
        last_observed_at,
        consumption_mw * hours as consumption_mwh,
        production_mw * hours as production_mwh,
        pumping_mw * hours as pumping_mwh,
        battery_charging_mw * hours as battery_charging_mwh,
        battery_discharging_mw * hours as battery_discharging_mwh,
        physical_exchange_mw * hours as net_physical_import_mwh,
        commercial_exchange_mw * hours as net_commercial_import_mwh,
        if(is_usable, co2_g_per_kwh, null) as co2_g_per_kwh,
        if(
            is_usable,
            safe_divide({{ low_carbon | join(' + ') }}, production_mw),
            null
        ) as low_carbon_share,
        peak_consumption_mw,
        if(abs(surplus_mw) <= abs(surplus_mw + battery_mw), surplus_mw, surplus_mw + battery_mw) as balance_error_mw
    from balanced

)

select * from measured
