with

days as (

    select
        gas_day,
        if(is_stock_plausible, stock_gwh, null) as stock_gwh,
        net_withdrawal_gwh,
        mean_celsius,
        season
    from {{ ref('gas_storage_daily') }}

),

by_season as (

    select
        gas_day,
        stock_gwh,
        net_withdrawal_gwh,
        mean_celsius,
        season
    from days
    union all
    select
        gas_day,
        stock_gwh,
        net_withdrawal_gwh,
        mean_celsius,
        'all' as season
    from days

),

correlated as (

    select
        season,
        min(if(stock_gwh is not null and mean_celsius is not null, gas_day, null)) as first_day,
        max(if(stock_gwh is not null and mean_celsius is not null, gas_day, null)) as last_day,
        {{ pairs('stock_gwh', 'mean_celsius') }} as days,
        {{ pairs('net_withdrawal_gwh', 'mean_celsius') }} as withdrawal_days,
        {{ correlation('net_withdrawal_gwh', 'mean_celsius') }} as correlation_withdrawal_temperature,
        {{ slope('net_withdrawal_gwh', 'mean_celsius') }} as withdrawal_gwh_per_celsius
    from by_season
    group by season

)

select * from correlated
