{#- Not a table of its own, because every hourly run would be billed for it: `anomalies_daily` has the same rows and most of
    the columns. -#}
{%- set sources = measures(['source']) %}
{%- set borders = measures(['border']) %}
{%- set threshold = var('heating_threshold_celsius') %}

with

calendar as (

    select * from {{ ref('int_calendar') }}

),

temperature as (

    select * from {{ ref('int_temperature_daily') }}

),

gas as (

    select * from {{ ref('gas_storage_daily') }}

),

mix as (

    select * from {{ ref('int_mix_daily') }}

),

balanced as (

    -- Batteries count as zero before they were published, because there were hardly any.
    select
        *,
        if(consumption_mw is null, null, coalesce(battery_charging_mw, 0) + coalesce(battery_discharging_mw, 0))
            as batteries_mw,
        {% for measure in borders -%}
        {{ export_name(measure) }}{{ ' + ' if not loop.last }}
        {%- endfor %} as exports_mw,
        {% for measure in borders -%}
        {{ import_name(measure) }}{{ ' + ' if not loop.last }}
        {%- endfor %} as imports_mw
    from mix

),

smoothed as (

    -- Buildings cool slowly: half of today's temperature counts, a quarter of yesterday's, and so on for eight days.
    select
        calendar.*,
        temperature.weighted_celsius,
        temperature.mean_celsius,
        temperature.temperature_category,
        temperature.local_date is not null as has_temperature,
        {% for lag in range(8) -%}
        coalesce(lag(temperature.weighted_celsius, {{ lag }}) over (order by calendar.local_date), 0) * {{ 0.5 ** (lag + 1) }}
        {{- ' + ' if not loop.last }}
        {% endfor -%}
        as weighted_sum,
        {% for lag in range(8) -%}
        if(lag(temperature.weighted_celsius, {{ lag }}) over (order by calendar.local_date) is null, 0, {{ 0.5 ** (lag + 1) }})
        {{- ' + ' if not loop.last }}
        {% endfor -%}
        as known_weight
    from calendar
    left join temperature on calendar.local_date = temperature.local_date

),

effective as (

    select
        * except (weighted_sum, known_weight),
        if(
            weighted_celsius is not null and known_weight >= 0.7, round(weighted_sum / known_weight, 9), null
        ) as effective_celsius
    from smoothed

),

joined as (

    select
        effective.* except (has_temperature),
        if(effective.has_temperature, 1, 0) + if(gas.gas_day is null, 0, 1) + if(balanced.local_date is null, 0, 1)
            as datasets,
        greatest({{ threshold }} - effective.weighted_celsius, 0) as heating_degree_days,
        greatest({{ threshold }} - effective.effective_celsius, 0) as heating_degrees,
        if(gas.is_stock_plausible, gas.stock_gwh, null) as stock_gwh,
        gas.fill_level,
        gas.net_withdrawal_gwh,
        gas.missing_sites as missing_gas_sites,
        balanced.maturity,
        balanced.hours_in_day,
        balanced.consumption_mw,
        {% for measure in sources -%}
        balanced.{{ measure.name }},
        {% endfor -%}
        balanced.production_mw,
        balanced.pumping_mw,
        balanced.batteries_mw,
        balanced.physical_exchange_mw as net_imports_mw,
        -- NUMERIC has no negative zero.
        cast(
            round(cast(
                balanced.consumption_mw
                - (balanced.production_mw + balanced.pumping_mw + balanced.batteries_mw + balanced.physical_exchange_mw)
                as numeric
            ), 6) as float64
        ) as statistical_difference_mw,
        {% for measure in borders -%}
        balanced.{{ export_name(measure) }},
        balanced.{{ import_name(measure) }},
        {% endfor -%}
        balanced.exports_mw as export_all_mw,
        balanced.imports_mw as import_all_mw
    from effective
    left join gas on effective.local_date = gas.gas_day
    left join balanced on effective.local_date = balanced.local_date

)

select * from joined
