{{ config(materialized='ephemeral') }}

with

days as (

    select
        *,
        extract(year from local_date) as calendar_year,
        format_date('%Y-%m', local_date) as month_key
    from {{ ref('anomalies_daily') }}

),

measured as (

    select
        days.local_date,
        days.calendar_year,
        days.weighted_celsius,
        days.weighted_celsius_anomaly,
        measure.part,
        measure.gwh,
        measure.anomaly_gwh
    from days
    cross join unnest([
        struct('stock' as part, days.stock_gwh as gwh, days.stock_gwh_anomaly as anomaly_gwh),
        struct('withdrawal' as part, days.net_withdrawal_gwh as gwh, days.net_withdrawal_gwh_anomaly as anomaly_gwh)
    ]) as measure
    where days.weighted_celsius is not null and measure.gwh is not null

),

regimes as (

    select
        days.local_date,
        days.calendar_year,
        days.month_key,
        days.heating_degree_days,
        days.net_withdrawal_gwh,
        part
    from days
    cross join unnest([
        'withdrawal/all_year',
        if(days.winter is null, 'withdrawal/april_to_october', 'withdrawal/november_to_march')
    ]) as part
    where days.heating_degree_days is not null and days.net_withdrawal_gwh is not null

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
    from (
        select
            local_date,
            calendar_year,
            stock_gwh,
            weighted_celsius,
            sin(2 * acos(-1) * extract(dayofyear from local_date) / 365.25) as sine,
            cos(2 * acos(-1) * extract(dayofyear from local_date) / 365.25) as cosine
        from days
        where stock_gwh is not null and weighted_celsius is not null
    )
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
        part,
        'raw_correlation' as method,
        local_date,
        calendar_year as block_year,
        'all' as group_key,
        weighted_celsius as x,
        gwh as y,
        cast(null as float64) as z,
        cast(null as string) as maturity
    from measured
    union all
    select
        'gas_storage_vs_temperature' as question,
        part,
        'anomaly_correlation' as method,
        local_date,
        calendar_year as block_year,
        'all' as group_key,
        weighted_celsius_anomaly as x,
        anomaly_gwh as y,
        cast(null as float64) as z,
        cast(null as string) as maturity
    from measured
    union all
    select
        'gas_storage_vs_temperature' as question,
        part,
        'raw_slope' as method,
        local_date,
        calendar_year as block_year,
        'all' as group_key,
        heating_degree_days as x,
        net_withdrawal_gwh as y,
        cast(null as float64) as z,
        cast(null as string) as maturity
    from regimes
    union all
    select
        'gas_storage_vs_temperature' as question,
        part,
        'within_month' as method,
        local_date,
        calendar_year as block_year,
        month_key as group_key,
        heating_degree_days as x,
        net_withdrawal_gwh as y,
        cast(null as float64) as z,
        cast(null as string) as maturity
    from regimes
    union all
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
    union all
    {% for method, x, y, z in [
        ('raw_correlation', 'net_withdrawal_gwh', 'gas_mw', 'cast(null as float64)'),
        ('anomaly_correlation', 'net_withdrawal_gwh_anomaly', 'gas_mw_anomaly', 'cast(null as float64)'),
        ('anomaly_correlation_given_temperature', 'net_withdrawal_gwh_anomaly',
            'if(weighted_celsius_anomaly is null, null, gas_mw_anomaly)', 'weighted_celsius_anomaly'),
    ] -%}
    select
        'sources_vs_gas_storage' as question,
        'gas/withdrawal' as part,
        '{{ method }}' as method,
        local_date,
        calendar_year as block_year,
        'all' as group_key,
        {{ x }} as x,
        {{ y }} as y,
        {{ z }} as z,
        maturity
    from days
    where net_withdrawal_gwh is not null and gas_mw is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from observed
