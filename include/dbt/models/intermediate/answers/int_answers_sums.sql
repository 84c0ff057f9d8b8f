{#- A table of its own although only `answers` reads it, because BigQuery may compute a common table expression again
    wherever it is named, and the models that follow name these sums dozens of times. -#}
{{ config(materialized='table', tags=['answers']) }}

{%- set factors = {'x': 'x', 'y': 'y', 'z': 'coalesce(z, 0)'} %}

with

observations as (

    select * from {{ ref('int_answers_observations') }}

),

known as (

    select
        * except (x, y, z, maturity, local_date),
        if(is_known, x, null) as x,
        if(is_known, y, null) as y,
        if(is_known, z, null) as z,
        if(is_known, maturity, null) as maturity,
        if(is_known, local_date, null) as local_date
    from observations

),

summed as (

    -- Everything from which an estimate is made, per block and group. Later models add and subtract these sums.
    select
        series,
        block_year,
        fine_block,
        group_key,
        {% for property in series_properties() -%}
        any_value({{ property }}) as {{ property }},
        {% endfor -%}
        min(local_date) as first_day,
        max(local_date) as last_day,
        {{ maturity_of('maturity') }} as maturity,
        min(y) as lowest_y,
        max(y) as highest_y,
        countif(is_known) as n,
        {% for name, factor in factors.items() -%}
        {{ exact_fine_sum(factor) }} as s{{ name }},
        {% endfor -%}
        {% for a, b in [('x', 'x'), ('x', 'y'), ('x', 'z'), ('y', 'y'), ('y', 'z'), ('z', 'z')] -%}
        {{ exact_fine_sum(factors[a] ~ ' * ' ~ factors[b]) }} as s{{ a }}{{ b }}{{ ',' if not loop.last }}
        {% endfor %}
    from known
    group by series, block_year, fine_block, group_key

)

select * from summed
