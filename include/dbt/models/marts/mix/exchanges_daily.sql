{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        partition_by={'field': 'local_date', 'data_type': 'date', 'granularity': 'month'},
        cluster_by=['border'],
        partitions=window_partitions(),
        on_schema_change='append_new_columns'
    )
}}

with

days as (

    select * from {{ ref('int_mix_daily') }}
    where {{ in_window('local_date') }}

),

by_border as (

    {% for measure in measures(['border']) -%}
    select
        local_date,
        '{{ measure.label }}' as border,
        maturity,
        is_complete,
        if(is_usable, {{ measure.name | replace('exchange_', 'export_') }}, null) as export_mw,
        if(is_usable, {{ measure.name | replace('exchange_', 'import_') }}, null) as import_mw,
        hours_in_day
    from days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

measured as (

    select
        local_date,
        border,
        maturity,
        is_complete,
        export_mw * hours_in_day as export_mwh,
        import_mw * hours_in_day as import_mwh,
        (export_mw - import_mw) * hours_in_day as net_export_mwh
    from by_border

)

select * from measured
