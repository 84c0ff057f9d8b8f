{{ config(materialized='ephemeral') }}

with

days as (

    select
        *,
        extract(year from local_date) as calendar_year
    from {{ ref('anomalies_daily') }}

),

winters as (

    -- What left the storages from the end of October to the end of March, against how cold it was. Nine tenths of the 151
    -- or 152 days must have a temperature.
    select
        winter,
        date(winter, 3, 31) as local_date,
        sum(if(local_date = date(winter, 3, 31), -stock_gwh, null)) as minus_last_stock_gwh,
        avg(weighted_celsius) as weighted_celsius
    from days
    where winter is not null
    group by winter
    having count(weighted_celsius) >= 136

),

drawdowns as (

    select
        winters.winter,
        winters.local_date,
        -winters.weighted_celsius as x,
        days.stock_gwh + winters.minus_last_stock_gwh as y
    from winters
    inner join days on days.local_date = date(winters.winter - 1, 10, 31)

),

turned as (

    select
        local_date,
        calendar_year,
        stock_gwh,
        weighted_celsius,
        sin(2 * acos(-1) * extract(dayofyear from local_date) / 365.25) as sine,
        cos(2 * acos(-1) * extract(dayofyear from local_date) / 365.25) as cosine
    from days
    where stock_gwh is not null and weighted_celsius is not null

),

waves as (

    -- First harmonic of the year, of days on which both are known.
    select
        calendar_year,
        max(local_date) as local_date,
        atan2(sum(stock_gwh * sine) - avg(stock_gwh) * sum(sine), sum(stock_gwh * cosine) - avg(stock_gwh) * sum(cosine))
            as stock_phase,
        atan2(
            sum(weighted_celsius * sine) - avg(weighted_celsius) * sum(sine),
            sum(weighted_celsius * cosine) - avg(weighted_celsius) * sum(cosine)
        ) as temperature_phase
    from turned
    group by calendar_year
    having count(*) >= 330

),

lags as (

    select
        calendar_year,
        local_date,
        stock_phase - temperature_phase + if(stock_phase < temperature_phase, 2 * acos(-1), 0) as phase
    from waves

),

observed as (

    select
        'gas_storage_vs_temperature' as question,
        'drawdown' as part,
        'per_winter' as method,
        local_date,
        winter as block_year,
        'all' as group_key,
        x,
        y,
        cast(null as float64) as z,
        cast(null as string) as maturity
    from drawdowns
    where x is not null and y is not null
    union all
    select
        'gas_storage_vs_temperature' as question,
        'stock' as part,
        'annual_phase' as method,
        local_date,
        calendar_year as block_year,
        'all' as group_key,
        0.0 as x,
        phase * 365.25 / (2 * acos(-1)) as y,
        cast(null as float64) as z,
        cast(null as string) as maturity
    from lags

)

select * from observed
