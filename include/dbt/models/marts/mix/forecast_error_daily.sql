{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite',
        partition_by={'field': 'local_date', 'data_type': 'date', 'granularity': 'month'},
        partitions=window_partitions(),
        on_schema_change='append_new_columns'
    )
}}

with

observed as (

    select * from {{ ref('int_mix_steps') }}
    where
        consumption_mw is not null
        and {{ in_window('local_date') }}

),

by_forecast as (

    {% for measure in measures(['forecast']) -%}
    select
        local_date,
        '{{ measure.label }}' as forecast,
        maturity,
        consumption_mw,
        {{ measure.name }} - consumption_mw as error_mw
    from observed
    where {{ measure.name }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

measured as (

    select
        local_date,
        forecast,
        {{ maturity_of('maturity') }} as maturity,
        count(*) as steps,
        avg(error_mw) as mean_error_mw,
        avg(abs(error_mw)) as mean_absolute_error_mw,
        safe_divide(sum(abs(error_mw)), sum(consumption_mw)) as relative_absolute_error,
        max(abs(error_mw)) as greatest_absolute_error_mw
    from by_forecast
    group by local_date, forecast

)

select * from measured
