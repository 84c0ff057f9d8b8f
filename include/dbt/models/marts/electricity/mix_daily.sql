with

days as (

    select * from {{ ref('int_mix_daily') }}

),

named as (

    select
        local_date,
        hours_in_day,
        observed_steps,
        expected_steps,
        is_complete,
        is_usable,
        is_plausible,
        is_set_aside,
        maturity,
        last_observed_at,
        consumption_mwh,
        production_mwh,
        {% for measure in measures(['storage']) -%}
        {{ energy_name(measure) }},
        {% endfor -%}
        storage_mwh,
        physical_exchange_mwh as net_physical_import_mwh,
        residual_mwh,
        commercial_exchange_mwh as net_commercial_import_mwh,
        co2_g_per_kwh,
        low_carbon_share,
        peak_consumption_mw,
        balance_error_mw
    from days

)

select * from named
