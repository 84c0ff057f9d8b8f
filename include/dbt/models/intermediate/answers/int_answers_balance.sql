{% set threshold = var('heating_threshold_celsius') %}

with

days as (

    select
        *,
        extract(year from local_date) as calendar_year,
        -- These years run from July to June and are named after their March, so that no winter is cut in two.
        extract(year from local_date) + if(extract(month from local_date) >= 7, 1, 0) as winter_year,
        format_date('%Y-%m', local_date) as month_key
    from {{ ref('anomalies_daily') }}

),

cooling as (

    select * from {{ ref('int_answers_cooling_threshold') }}

),

terms as (

    select
        days.local_date,
        days.calendar_year,
        days.winter_year,
        days.month_key,
        days.maturity,
        days.weighted_celsius,
        days.effective_celsius,
        days.weighted_celsius_anomaly,
        days.stock_gwh,
        days.stock_gwh_anomaly,
        greatest(days.effective_celsius - cooling.threshold_celsius, 0) as cooling_degrees,
        term.part,
        term.mw,
        term.anomaly_mw,
        -- Null on a day with an unknown term, because the terms add up only over the same days.
        if(
            {% for term in balance_terms() -%}
            days.{{ term }}_mw is null{{ ' or ' if not loop.last }}
            {%- endfor -%}
            , null, term.mw
        ) as balanced_mw
    from days
    cross join cooling
    cross join unnest([
        {% for term in ['consumption'] + balance_terms() -%}
        struct(
            '{{ term }}' as part,
            days.{{ term }}_mw as mw,
            {% if term in ['batteries', 'statistical_difference'] -%}
            cast(null as float64) as anomaly_mw
            {%- else -%}
            days.{{ term }}_mw_anomaly as anomaly_mw
            {%- endif %}
        ){{ ',' if not loop.last }}
        {% endfor %}
    ]) as term

),

observed as (

    select
        'sources_vs_temperature' as question,
        part,
        'within_month' as method,
        local_date,
        winter_year as block_year,
        month_key as group_key,
        -weighted_celsius as x,
        balanced_mw as y,
        cast(null as float64) as z,
        maturity
    from terms
    where weighted_celsius < {{ threshold }}
    union all
    select
        'sources_vs_temperature' as question,
        part,
        'within_month_effective' as method,
        local_date,
        winter_year as block_year,
        month_key as group_key,
        -effective_celsius as x,
        balanced_mw as y,
        cast(null as float64) as z,
        maturity
    from terms
    where effective_celsius < {{ threshold }}
    union all
    select
        'sources_vs_temperature' as question,
        part,
        'within_month_above_threshold' as method,
        local_date,
        calendar_year as block_year,
        month_key as group_key,
        cooling_degrees as x,
        balanced_mw as y,
        cast(null as float64) as z,
        maturity
    from terms
    where effective_celsius >= {{ threshold }} and balanced_mw is not null
    {% for question, x in [('sources_vs_temperature', 'weighted_celsius'), ('sources_vs_gas_storage', 'stock_gwh')] -%}
    union all
    select
        '{{ question }}' as question,
        part,
        'raw_correlation' as method,
        local_date,
        calendar_year as block_year,
        'all' as group_key,
        {{ x }} as x,
        mw as y,
        cast(null as float64) as z,
        maturity
    from terms
    where {{ x }} is not null and mw is not null
    union all
    select
        '{{ question }}' as question,
        part,
        'anomaly_correlation' as method,
        local_date,
        calendar_year as block_year,
        'all' as group_key,
        {{ x }}_anomaly as x,
        anomaly_mw as y,
        cast(null as float64) as z,
        maturity
    from terms
    where {{ x }} is not null and mw is not null
    {% endfor %}
)

-- Parts without a normal have no correlations.
select * from observed
where not (ends_with(method, 'correlation') and part in ('batteries', 'statistical_difference'))
