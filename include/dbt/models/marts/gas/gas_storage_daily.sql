{#- Rebuilt as a whole: a site's running maximum and what counts as in service depend on its whole past. A
    few hundred rows a year. -#}
with

reports as (

    -- What a retired site still reports is in neither the stock nor what it is measured against.
    select * from {{ ref('stg_stock_quotidien_stockages_gaz') }}
    where
        stock_gwh is not null
        and coalesce(gas_day < {{ retired_on('site') }}, true)

),

stocks as (

    select * from {{ ref('int_gas_storage_daily') }}

),

temperature as (

    select * from {{ ref('int_temperature_daily') }}

),

site_maxima as (

    select
        gas_day,
        site,
        max(stock_gwh) over (
            partition by site order by gas_day rows between unbounded preceding and current row
        ) as maximum_gwh,
        min(gas_day) over (partition by site) as first_day
    from reports

),

maxima as (

    select
        gas_day,
        -- A maximum says how much a site can hold once it has been through a whole storage year.
        if(
            gas_day >= date_add(max(first_day), interval 365 day),
            round(sum(maximum_gwh), 6),
            null
        ) as running_maximum_gwh
    from site_maxima
    group by gas_day

),

compared as (

    select
        stocks.*,
        if(stocks.is_complete, maxima.running_maximum_gwh, null) as running_maximum_gwh,
        lag(stocks.gas_day) over (order by stocks.gas_day) as previous_day,
        lag(stocks.stock_gwh) over (order by stocks.gas_day) as previous_stock_gwh,
        lag(stocks.sites_in_service) over (order by stocks.gas_day) as previous_sites
    from stocks
    left join maxima on stocks.gas_day = maxima.gas_day

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
