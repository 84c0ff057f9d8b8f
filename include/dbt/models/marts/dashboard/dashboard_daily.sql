with

mix as (

    select * from {{ ref('int_mix_daily') }}

),

days as (

    select * from {{ ref('anomalies_daily') }}
    where datasets > 0

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
        {% for measure in measures(['storage']) -%}
        mix.{{ energy_name(measure) }},
        {% endfor -%}
        mix.physical_exchange_mwh as net_physical_import_mwh,
        mix.commercial_exchange_mwh as net_commercial_import_mwh,
        mix.low_carbon_share,
        mix.peak_consumption_mw,
        {% for measure in measures(['forecast']) -%}
        mix.mean_absolute_error_{{ measure.name }} as {{ measure.label | replace(' ', '_') }}_error_mw,
        {% endfor -%}
        mix.co2_g_per_kwh,
        {% for measure in measures(['source']) -%}
        mix.{{ energy_name(measure) }},
        {% endfor -%}
        {% for measure in measures(['border']) -%}
        mix.{{ export_name(measure) }}h,
        mix.{{ import_name(measure) }}h,
        {% endfor -%}
        mix.top_source,
        mix.top_foreign_buyer,
        days.mean_celsius,
        days.temperature_category,
        days.stock_gwh,
        days.fill_level,
        days.fill_previous_years_mean,
        days.fill_previous_years_min,
        days.fill_previous_years_max,
        days.net_withdrawal_gwh,
        days.missing_gas_sites
    from days
    left join mix on days.local_date = mix.local_date

)

select * from joined
