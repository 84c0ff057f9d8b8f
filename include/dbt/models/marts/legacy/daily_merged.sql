with

mix as (

    select * from {{ ref('int_mix_daily') }}

),

gas as (

    select * from {{ ref('int_gas_storage_daily') }}

),

temperature as (

    select * from {{ ref('int_temperature_daily') }}

),

merged as (

    select
        mix.local_date as date_mix,
        temperature.mean_celsius as TMoydegC,
        temperature.temperature_category,
        {% for measure in measures() if measure.legacy -%}
        mix.{{ measure.name }} as {{ measure.legacy }},
        {% endfor -%}
        mix.top_source,
        mix.top_foreign_buyer,
        gas.stock_gwh as stock_gaz,
        mix.is_complete as is_mix_complete,
        mix.is_set_aside as is_mix_set_aside,
        mix.observed_steps,
        mix.expected_steps,
        mix.hours_in_day,
        mix.maturity,
        coalesce(gas.is_complete, false) as is_gas_complete,
        coalesce(gas.is_set_aside, false) as is_gas_set_aside,
        gas.missing_sites as missing_gas_sites,
        coalesce(temperature.is_complete, false) as is_temperature_complete,
        coalesce(temperature.is_set_aside, false) as is_temperature_set_aside
    from mix
    left join gas on mix.local_date = gas.gas_day
    left join temperature on mix.local_date = temperature.local_date

)

select * from merged
