{#- Figures that are not estimated from blocks: measured shares, the cooling threshold, and the fill level against the same
    day of the years before. -#}
{%- set sources = measures(['source']) %}

with

days as (

    select * from {{ ref('anomalies_daily') }}

),

last_mix_day as (

    select max(local_date) as local_date from days
    where production_mw > 0

),

shares as (

    -- A year has a share when nine tenths of its days are known.
    select
        source.part,
        span.period_kind,
        span.period,
        min(days.local_date) as first_day,
        max(days.local_date) as last_day,
        count(*) as days,
        {{ maturity_of('days.maturity') }} as maturity,
        round(100 * {{ exact_sum('source.mw') }} / {{ exact_sum('days.production_mw') }}, 6) as share,
        if(
            count(*) < if(span.period_kind = 'all', {{ var('minimum_days') }}, 329), 'too_few_days', null
        ) as reason
    from days
    cross join last_mix_day
    cross join unnest([
        {% for measure in sources -%}
        struct('{{ measure.name | replace('_mw', '') }}' as part, days.{{ measure.name }} as mw){{ ',' if not loop.last }}
        {% endfor %}
    ]) as source
    cross join unnest([
        struct('all' as period_kind, 'all' as period),
        struct('year' as period_kind, cast(extract(year from days.local_date) as string) as period),
        struct('trailing_year' as period_kind, 'trailing_year' as period)
    ]) as span
    where
        days.production_mw > 0
        and (
            span.period_kind != 'trailing_year'
            or days.local_date > date_sub(last_mix_day.local_date, interval 1 year)
        )
    group by source.part, span.period_kind, span.period

),

cooling as (

    select * from {{ ref('int_answers_cooling_threshold') }}

),

fills as (

    -- The day is one more observation beside the five years, so its interval is that of a new observation and not that of
    -- their mean. Five equal levels mean that the stock was not reported.
    select
        local_date,
        if(fill_previous_years_stddev > 0, null, 'constant') as reason,
        if(fill_previous_years_stddev > 0, 100 * (fill_level - fill_previous_years_mean), null) as difference,
        100 * {{ t_quantile('4') }} * fill_previous_years_stddev * sqrt(1.2) as half_width,
        100 * fill_previous_years_min as lowest,
        100 * fill_previous_years_max as highest,
        row_number() over (order by local_date desc) = 1 as is_latest
    from days
    where fill_level is not null and fill_previous_years_mean is not null

),

compared_fills as (

    select
        *,
        'latest_day' as period_kind,
        'latest_day' as period
    from fills
    where is_latest
    union all
    select
        *,
        'year' as period_kind,
        cast(extract(year from local_date) as string) as period
    from fills
    where extract(month from local_date) = 11 and extract(day from local_date) = 1

),

described as (

    select
        'mix' as question,
        part,
        'measured_share' as method,
        period_kind,
        period,
        first_day,
        last_day,
        days,
        maturity,
        reason,
        if(reason is null, share, null) as estimate,
        cast(null as float64) as lower,
        cast(null as float64) as upper,
        cast(null as float64) as lowest,
        cast(null as float64) as highest
    from shares
    union all
    select
        'sources_vs_temperature' as question,
        'consumption' as part,
        'cooling_threshold' as method,
        'all' as period_kind,
        'all' as period,
        cast(null as date) as first_day,
        cast(null as date) as last_day,
        days,
        cast(null as string) as maturity,
        reason,
        cast(threshold_celsius as float64) as estimate,
        cast(null as float64) as lower,
        cast(null as float64) as upper,
        cast(lowest_celsius as float64) as lowest,
        cast(highest_celsius as float64) as highest
    from cooling
    union all
    select
        'gas_storage_vs_temperature' as question,
        'fill' as part,
        'previous_years' as method,
        period_kind,
        period,
        local_date as first_day,
        local_date as last_day,
        6 as days,
        cast(null as string) as maturity,
        reason,
        round(difference, 6) as estimate,
        round(difference - half_width, 6) as lower,
        round(difference + half_width, 6) as upper,
        round(lowest, 6) as lowest,
        round(highest, 6) as highest
    from compared_fills

)

select * from described
