{%- set bands = fill_bands() %}

with

days as (

    select * from {{ ref('power_daily') }}
    where
        mean_mw is not null
        and stock_gwh is not null

),

banded as (

    select
        measure,
        maturity,
        {{ band_order('fill_level', bands) }} as band_order,
        {{ band_name('fill_level', bands) }} as fill_band,
        mean_mw,
        stock_gwh,
        fill_level
    from days
    where fill_level is not null
    union all
    select
        measure,
        maturity,
        0 as band_order,
        'all' as fill_band,
        mean_mw,
        stock_gwh,
        fill_level
    from days

),

related as (

    select
        measure,
        fill_band,
        band_order,
        {{ maturity_of('maturity') }} as maturity,
        count(*) as days,
        round({{ exact_mean('mean_mw') }}, 6) as mean_mw,
        round({{ exact_mean('stock_gwh') }}, 6) as mean_stock_gwh,
        if(fill_band = 'all', {{ slope('mean_mw', 'stock_gwh') }}, null) as mw_per_gwh
    from banded
    group by measure, fill_band, band_order

)

select * from related
