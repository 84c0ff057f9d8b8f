{{ config(materialized='incremental') }}

with

steps as (

    select
        *,
        cast(substr(clock_time, 1, 2) as int64) as hour
    from {{ ref('mix_quarter_hourly') }}
    where {{ in_window('local_date') }}

),

hours as (

    select
        local_date,
        hour,
        {{ season('local_date') }} as season,
        {{ maturity_of('maturity') }} as maturity,
        count(*) as steps,
        {% for measure in measures(['consumption', 'source']) -%}
        round({{ exact_mean(measure.name) }}, 6) as {{ measure.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from steps
    group by local_date, hour

)

select * from hours
