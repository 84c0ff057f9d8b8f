{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        partition_by={'field': 'local_date', 'data_type': 'date', 'granularity': 'month'},
        cluster_by=['source'],
        partitions=window_partitions(),
        on_schema_change='append_new_columns'
    )
}}

{%- set sources = measures(['source']) %}

with

days as (

    select
        *,
        {{ sources | map(attribute='name') | join(' + ') }} as production_mw
    from {{ ref('int_mix_daily') }}
    where {{ in_window('local_date') }}

),

by_source as (

    {% for measure in sources -%}
    select
        local_date,
        '{{ measure.label }}' as source,
        hours_in_day,
        maturity,
        is_complete,
        is_usable,
        production_mw,
        {{ measure.name }} as mean_mw,
        peak_{{ measure.name }} as peak_mw
    from days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

measured as (

    select
        local_date,
        source,
        maturity,
        is_complete,
        if(is_usable, mean_mw, null) as mean_mw,
        if(is_usable, mean_mw * hours_in_day, null) as energy_mwh,
        if(is_usable, safe_divide(mean_mw, production_mw), null) as share,
        peak_mw
    from by_source

)

select * from measured
