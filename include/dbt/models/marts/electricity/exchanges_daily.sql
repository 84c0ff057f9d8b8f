{{ config(cluster_by=['border']) }}

with

days as (

    select * from {{ ref('int_mix_daily') }}

),

by_border as (

    {% for measure in measures(['border']) -%}
    select
        local_date,
        '{{ measure.label }}' as border,
        maturity,
        is_complete,
        {{ export_name(measure) }}h as export_mwh,
        {{ import_name(measure) }}h as import_mwh,
        {{ export_name(measure) }}h - {{ import_name(measure) }}h as net_export_mwh
    from days
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from by_border
