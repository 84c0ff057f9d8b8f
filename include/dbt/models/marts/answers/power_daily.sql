{{ config(materialized='view') }}

with

powers as (

    select
        local_date,
        source as measure,
        maturity,
        mean_mw
    from {{ ref('mix_daily_by_source') }}
    union all
    select
        local_date,
        'consumption' as measure,
        maturity,
        safe_divide(consumption_mwh, hours_in_day) as mean_mw
    from {{ ref('mix_daily') }}

),

temperature as (

    select * from {{ ref('int_temperature_daily') }}

),

gas as (

    select * from {{ ref('gas_storage_daily') }}

),

joined as (

    select
        powers.local_date,
        powers.measure,
        powers.maturity,
        powers.mean_mw,
        temperature.mean_celsius,
        gas.stock_gwh,
        gas.fill_level,
        gas.net_withdrawal_gwh
    from powers
    left join temperature on powers.local_date = temperature.local_date
    left join gas on powers.local_date = gas.gas_day

)

select * from joined
