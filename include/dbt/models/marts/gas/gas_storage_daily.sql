with

stocks as (

    select * from {{ ref('int_gas_storage_daily') }}

),

temperature as (

    select * from {{ ref('int_temperature_daily') }}

),

compared as (

    select
        *,
        lag(gas_day) over (order by gas_day) as previous_day,
        lag(stock_gwh) over (order by gas_day) as previous_stock_gwh,
        lag(sites_in_service) over (order by gas_day) as previous_sites
    from stocks

),

moved as (

    -- Stocks of two days compare only when the days follow each other and the same sites are counted.
    select
        *,
        if(
            previous_day = date_sub(gas_day, interval 1 day) and previous_sites = sites_in_service,
            round(previous_stock_gwh - stock_gwh, 6),
            null
        ) as stock_fall_gwh
    from compared

),

judged as (

    -- What the storages cannot do in a day is an error of one of the two stocks.
    select
        *,
        abs(stock_fall_gwh) <= {{ var('greatest_daily_gas_change_gwh') }} as is_plausible
    from moved

),

measured as (

    select
        judged.gas_day,
        judged.stock_gwh,
        judged.running_maximum_gwh,
        safe_divide(judged.stock_gwh, judged.running_maximum_gwh) as fill_level,
        if(judged.is_plausible, judged.stock_fall_gwh, null) as net_withdrawal_gwh,
        judged.stock_fall_gwh,
        judged.is_plausible,
        temperature.mean_celsius,
        {{ season('judged.gas_day') }} as season,
        judged.is_complete,
        judged.is_set_aside,
        judged.sites_in_service,
        judged.sites_reported,
        judged.missing_sites
    from judged
    left join temperature on judged.gas_day = temperature.local_date

)

select * from measured
