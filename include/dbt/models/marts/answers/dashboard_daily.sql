{{ config(materialized='view') }}

{%- set sources = measures(['source']) %}
{%- set borders = measures(['border']) %}
{%- set forecasts = measures(['forecast']) %}

with

mix as (

    select * from {{ ref('mix_daily') }}

),

sources as (

    select
        local_date,
        {% for measure in sources -%}
        max(if(source = '{{ measure.label }}', energy_mwh, null)) as {{ measure.name }}h{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('mix_daily_by_source') }}
    group by local_date

),

exchanges as (

    select
        local_date,
        {% for measure in borders -%}
        {%- set border = measure.name | replace('exchange_', '') -%}
        max(if(border = '{{ measure.label }}', export_mwh, null)) as export_{{ border }}h,
        max(if(border = '{{ measure.label }}', import_mwh, null)) as import_{{ border }}h{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('exchanges_daily') }}
    group by local_date

),

forecasts as (

    select
        local_date,
        {% for measure in forecasts -%}
        max(if(forecast = '{{ measure.label }}', mean_absolute_error_mw, null))
            as {{ measure.label | replace(' ', '_') }}_error_mw{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('forecast_error_daily') }}
    group by local_date

),

merged as (

    select * from {{ ref('daily_merged') }}

),

gas as (

    select * from {{ ref('gas_storage_daily') }}

),

temperature as (

    select * from {{ ref('int_temperature_daily') }}

),

days as (

    select local_date from mix
    union distinct
    select gas_day as local_date from gas
    union distinct
    select local_date from temperature

),

joined as (

    select
        days.local_date,
        {{ season('days.local_date') }} as season,
        {{ season_year('days.local_date') }} as season_year,
        mix.hours_in_day,
        mix.observed_steps,
        mix.expected_steps,
        mix.is_complete as is_mix_complete,
        mix.maturity,
        mix.last_observed_at,
        mix.consumption_mwh,
        mix.production_mwh,
        mix.net_physical_import_mwh,
        mix.net_commercial_import_mwh,
        mix.low_carbon_share,
        mix.peak_consumption_mw,
        {% for measure in forecasts -%}
        forecasts.{{ measure.label | replace(' ', '_') }}_error_mw,
        {% endfor -%}
        mix.co2_g_per_kwh,
        {% for measure in sources -%}
        sources.{{ measure.name }}h,
        {% endfor -%}
        {% for measure in borders -%}
        {%- set border = measure.name | replace('exchange_', '') -%}
        exchanges.export_{{ border }}h,
        exchanges.import_{{ border }}h,
        {% endfor -%}
        merged.top_source,
        merged.top_foreign_buyer,
        temperature.mean_celsius,
        temperature.temperature_category,
        {{ band_name('temperature.mean_celsius', temperature_bands()) }} as temperature_band,
        gas.stock_gwh,
        gas.fill_level,
        {{ band_name('gas.fill_level', fill_bands()) }} as fill_band,
        gas.net_withdrawal_gwh,
        gas.missing_sites as missing_gas_sites
    from days
    left join mix on days.local_date = mix.local_date
    left join sources on days.local_date = sources.local_date
    left join exchanges on days.local_date = exchanges.local_date
    left join forecasts on days.local_date = forecasts.local_date
    left join merged on days.local_date = merged.date_mix
    left join gas on days.local_date = gas.gas_day
    left join temperature on days.local_date = temperature.local_date

)

select * from joined
