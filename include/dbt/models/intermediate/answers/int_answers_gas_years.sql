with

days as (

    select
        *,
        extract(year from local_date) as calendar_year
    from {{ ref('anomalies_daily') }}

),

winters as (

    -- The gas that left the storages from the end of October to the end of March, against the temperature of the winter.
    -- Nine tenths of the 151 or 152 days must have a temperature.
    select
        winter,
        date(winter, 3, 31) as local_date,
        max(if(local_date = date(winter, 3, 31), stock_gwh, null)) as last_stock_gwh,
        {{ exact_mean('weighted_celsius') }} as mean_celsius
    from days
    where winter is not null
    group by winter
    having count(weighted_celsius) >= 136

),

drawdowns as (

    select
        winters.winter,
        winters.local_date,
        -winters.mean_celsius as x,
        days.stock_gwh - winters.last_stock_gwh as y
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

    -- Phase of the first harmonic of the year, over days on which both are known; null for values that never change.
    select
        calendar_year,
        max(local_date) as local_date,
        {% for value in ['stock_gwh', 'weighted_celsius'] -%}
        if(
            min({{ value }}) < max({{ value }}),
            atan2(
                {{ exact_sum(value ~ ' * sine') }} - {{ exact_mean(value) }} * {{ exact_sum('sine') }},
                {{ exact_sum(value ~ ' * cosine') }} - {{ exact_mean(value) }} * {{ exact_sum('cosine') }}
            ),
            null
        ) as {{ value }}_phase{{ ',' if not loop.last }}
        {% endfor %}
    from turned
    group by calendar_year
    having count(*) >= 330

),

lags as (

    -- Between minus and plus half a year: > 0, the stock lags temperature; < 0, it leads.
    select
        calendar_year,
        local_date,
        stock_gwh_phase - weighted_celsius_phase
        - 2 * acos(-1) * round((stock_gwh_phase - weighted_celsius_phase) / (2 * acos(-1))) as phase
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
