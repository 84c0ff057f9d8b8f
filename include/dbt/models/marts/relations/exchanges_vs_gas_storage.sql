{%- set bands = fill_bands() %}

with

conditions as (

    select * from {{ ref('anomalies_daily') }}
    where stock_gwh is not null

),

exchanges as (

    {% for measure in measures(['border']) -%}
    select
        '{{ measure.label }}' as border,
        maturity,
        {{ export_name(measure) }} * hours_in_day as export_mwh,
        {{ import_name(measure) }} * hours_in_day as import_mwh,
        stock_gwh,
        fill_level
    from conditions
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

days as (

    select * from exchanges
    where export_mwh is not null

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
        round({{ exact_mean('import_mwh') }}, 3) as import_mwh_per_day
    from banded
    group by border, fill_band, band_order

)

select * from related
