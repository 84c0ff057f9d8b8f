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
