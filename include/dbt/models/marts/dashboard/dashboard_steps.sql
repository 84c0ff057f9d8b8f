{{ config(materialized='view') }}

with

steps as (

    select * from {{ ref('int_mix_steps') }}

),

shown as (

    select
        local_date,
        started_at,
        maturity,
        consumption_mw,
        {% for measure in measures(['source', 'storage', 'exchange', 'border', 'forecast']) -%}
        {{ measure.name }},
        {% endfor -%}
        co2_g_per_kwh
    from steps
    -- The landing table refuses queries without a bound, and the query that compares columns with the contract has no
    -- other one.
    where local_date >= date '{{ beginning() }}'

)

select * from shown
