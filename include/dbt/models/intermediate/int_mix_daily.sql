{{ config(materialized='table') }}

{%- set sources = measures(['source']) -%}
{%- set borders = measures(['border']) -%}
{%- set forecasts = measures(['forecast']) %}

with

days as (

    select * from {{ ref('int_mix_daily_observed') }}
    where observed_steps > 0

),

set_aside as (

    select local_date from {{ ref('int_days_set_aside') }}
    where source_table = 'eco2mix_national_tr'

),

judged as (

    select
        days.*,
        set_aside.local_date is not null as is_set_aside,
        {{ each_is(required_measures(), ['complete']) }} as is_complete,
        {{ each_is(required_measures(), ['complete', 'usable']) }} as is_usable,
        {% for measure in bounded_measures() if measure.kind != 'forecast' -%}
        coalesce(implausible_{{ measure.name }}, 0) = 0{{ ' and' if not loop.last }}
        {% else -%}
        true
        {% endfor -%}
        as is_plausible
    from days
    left join set_aside on days.local_date = set_aside.local_date

),

trusted as (

    -- The one place that decides which values of a day may be used. Each measure is judged by its own steps: a mean,
    -- peak or export with missing hours does not describe the day and is null from here on. The error of a forecast is
    -- kept, because it is only about steps that have a forecast, unless the forecast is a straight line.
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
        {% for measure in measures() -%}
        {{ if_trusted(measure, measure.name) }},
        {% endfor -%}
        {% for measure in measures(['storage']) -%}
        state_{{ measure.name }},
        {% endfor -%}
        {% for measure in borders -%}
        {{ if_trusted(measure, export_name(measure)) }},
        {{ if_trusted(measure, import_name(measure)) }},
        {% endfor -%}
        {% for measure in measures(['consumption', 'source']) -%}
        {{ if_trusted(measure, 'peak_' ~ measure.name) }},
        {% endfor -%}
        {% for measure in bounded_measures(['consumption', 'source']) -%}
        implausible_{{ measure.name }},
        {% endfor -%}
        {% for measure in forecasts -%}
        steps_{{ measure.name }},
        maturity_{{ measure.name }},
        {%- set straight = 'coalesce(is_straight_' ~ measure.name ~ ', false)' %}
        not {{ straight }}
        {%- if measure.usual or measure.spike %} and coalesce(implausible_{{ measure.name }}, 0) = 0{% endif %}
            as is_plausible_{{ measure.name }},
        {% for error in ['mean_error', 'mean_absolute_error', 'relative_absolute_error', 'greatest_absolute_error'] -%}
        if({{ straight }}, null, {{ error }}_{{ measure.name }}) as {{ error }}_{{ measure.name }}{{ ',' if not loop.last }}
        {% endfor -%}
        {{ ',' if not loop.last }}
        {% endfor %}
    from judged

),

summed as (

    -- A sum with an unknown part is null.
    select
        *,
        {{ sum_of(sources) }} as production_mw,
        {{ sum_of(sources | selectattr('low_carbon') | list) }} as low_carbon_mw,
        {{ sum_of(borders) }} as commercial_exchange_mw,
        if(state_battery_charging_mw = 'partial', null, coalesce(battery_charging_mw, 0))
        + if(state_battery_discharging_mw = 'partial', null, coalesce(battery_discharging_mw, 0)) as battery_mw
    from trusted

),

surpluses as (

    select
        *,
        production_mw + pumping_mw + physical_exchange_mw - consumption_mw as surplus_mw
    from summed

),

balanced as (

    -- The source has published batteries since 2023 and counts them in its consumption from 2025 on. The balance is
    -- taken with or without them, whichever leaves the smaller rest.
    select
        *,
        case
            when abs(surplus_mw) <= abs(surplus_mw + battery_mw) then 0
            when surplus_mw is not null then battery_mw
        end as storage_mw
    from surpluses

),

measured as (

    select
        * except (
            {% for measure in measures(['storage']) -%}
            state_{{ measure.name }},
            {% endfor -%}
            battery_mw,
            surplus_mw
        ),
        storage_mw * hours_in_day as storage_mwh,
        -- NUMERIC has no negative zero.
        cast(
            round(cast(
                (consumption_mw - production_mw - pumping_mw - storage_mw - physical_exchange_mw) * hours_in_day as numeric
            ), 6) as float64
        ) as residual_mwh,
        {% for measure in measures(['consumption', 'source', 'storage', 'exchange']) -%}
        {{ measure.name }} * hours_in_day as {{ energy_name(measure) }},
        {% endfor -%}
        {% for measure in borders -%}
        {{ export_name(measure) }} * hours_in_day as {{ export_name(measure) }}h,
        {{ import_name(measure) }} * hours_in_day as {{ import_name(measure) }}h,
        {% endfor -%}
        {% for measure in sources -%}
        safe_divide({{ measure.name }}, production_mw) as {{ share_name(measure) }},
        {% endfor -%}
        production_mw * hours_in_day as production_mwh,
        commercial_exchange_mw * hours_in_day as commercial_exchange_mwh,
        safe_divide(low_carbon_mw, production_mw) as low_carbon_share,
        surplus_mw + storage_mw as balance_error_mw,
        -- The greatest of several is known only when all of them are.
        if(production_mw is null, null, {{ name_of_extreme(
            sources | map(attribute='name') | list,
            sources | map(attribute='label') | list,
            beyond_zero=true
        ) }}) as top_source,
        if(commercial_exchange_mw is null, null, {{ name_of_extreme(
            borders | map(attribute='name') | list,
            borders | map(attribute='label') | list,
            least=true, beyond_zero=true
        ) }}) as top_foreign_buyer
    from balanced

)

select * from measured
