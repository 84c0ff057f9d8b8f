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
        ) as net_withdrawal_gwh
    from compared

),

measured as (

    select
        moved.gas_day,
        moved.stock_gwh,
        moved.running_maximum_gwh,
        safe_divide(moved.stock_gwh, moved.running_maximum_gwh) as fill_level,
        moved.net_withdrawal_gwh,
        temperature.mean_celsius,
        {{ season('moved.gas_day') }} as season,
        moved.is_complete,
        moved.sites_in_service,
        moved.sites_reported,
        moved.missing_sites
    from moved
    left join temperature on moved.gas_day = temperature.local_date

)

select * from measured
