{%- set bands = temperature_bands() %}

with

days as (

    select * from {{ ref('power_daily') }}
    where
        mean_mw is not null
        and mean_celsius is not null

),

banded as (

    select
        measure,
        maturity,
        {{ band_order('mean_celsius', bands) }} as band_order,
        {{ band_name('mean_celsius', bands) }} as temperature_band,
        mean_mw,
        mean_celsius
    from days
    union all
    select
        measure,
        maturity,
        0 as band_order,
        'all' as temperature_band,
        mean_mw,
        mean_celsius
    from days
    union all
    select
        measure,
        maturity,
        {{ bands | length + 1 }} as band_order,
        'heating' as temperature_band,
        mean_mw,
        mean_celsius
    from days
    where mean_celsius < {{ var('heating_threshold_celsius') }}

),

related as (

    select
        measure,
        temperature_band,
        band_order,
        {{ maturity_of('maturity') }} as maturity,
        count(*) as days,
        round({{ exact_mean('mean_mw') }}, 6) as mean_mw,
        round({{ exact_mean('mean_celsius') }}, 6) as mean_celsius,
        -- Bands of 5 °C are too narrow for a slope.
        if(
            temperature_band in ('all', 'heating'), {{ slope('mean_mw', 'mean_celsius') }}, null
        ) as mw_per_celsius
    from banded
    group by measure, temperature_band, band_order

)

select * from related
