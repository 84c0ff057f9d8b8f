{{ config(cluster_by=['source']) }}

with

days as (

    select * from {{ ref('int_mix_daily') }}

),

by_source as (

    {% for measure in measures(['source']) -%}
    select
        local_date,
        '{{ measure.label }}' as source,
        maturity,
        is_complete,
        {{ 'coalesce(implausible_' ~ measure.name ~ ', 0) = 0' if measure.usual or measure.spike else 'true' }} as is_plausible,
        {{ measure.name }} as mean_mw,
        {{ energy_name(measure) }} as energy_mwh,
        {{ share_name(measure) }} as share,
        peak_{{ measure.name }} as peak_mw
    from days
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from by_source
