with

stocks as (

    select * from {{ ref('int_gas_storage_daily') }}

),

temperature as (

    select * from {{ ref('int_temperature_daily') }}

),

measured as (

    select
        stocks.gas_day,
        stocks.stock_gwh,
        stocks.running_maximum_gwh,
        stocks.running_maximum_since,
        if(
            stocks.is_stock_plausible, safe_divide(stocks.stock_gwh, stocks.running_maximum_gwh), null
        ) as fill_level,
        if(stocks.is_plausible, stocks.stock_fall_gwh, null) as net_withdrawal_gwh,
        stocks.stock_fall_gwh,
        stocks.is_plausible,
        stocks.is_stock_plausible,
        stocks.implausible,
        temperature.mean_celsius,
        {{ season('stocks.gas_day') }} as season,
        stocks.is_complete,
        stocks.is_set_aside,
        stocks.sites_in_service,
        stocks.sites_reported,
        stocks.missing_sites
    from stocks
    left join temperature on stocks.gas_day = temperature.local_date

)

select * from measured
