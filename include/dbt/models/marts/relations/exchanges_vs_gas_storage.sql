{%- set bands = fill_bands() %}

with

exchanges as (

    select * from {{ ref('exchanges_daily') }}
    where export_mwh is not null

),

gas as (

    select * from {{ ref('gas_storage_daily') }}

),

days as (

    select
        exchanges.border,
        exchanges.maturity,
        exchanges.export_mwh,
        exchanges.import_mwh,
        exchanges.net_export_mwh,
        gas.stock_gwh,
        gas.fill_level
    from exchanges
    inner join gas on exchanges.local_date = gas.gas_day
    where gas.is_stock_plausible

),

banded as (

    select
        *,
        {{ band_order('fill_level', bands) }} as band_order,
        {{ band_name('fill_level', bands) }} as fill_band
    from days
    where fill_level is not null
    union all
    select
        *,
        0 as band_order,
        'all' as fill_band
    from days

),

related as (

    select
        border,
        fill_band,
        band_order,
        {{ maturity_of('maturity') }} as maturity,
        count(*) as days,
        round({{ exact_sum('export_mwh') }}, 3) as export_mwh,
        round({{ exact_sum('import_mwh') }}, 3) as import_mwh,
        round({{ exact_mean('export_mwh') }}, 3) as export_mwh_per_day,
        round({{ exact_mean('import_mwh') }}, 3) as import_mwh_per_day,
        if(fill_band = 'all', {{ correlation('net_export_mwh', 'stock_gwh') }}, null) as correlation_net_export_stock
    from banded
    group by border, fill_band, band_order

)

select * from related
