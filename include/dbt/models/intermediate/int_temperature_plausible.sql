{%- set bounds = var('plausible_celsius') %}

with

regions as (

    select * from {{ ref('stg_temperature_quotidienne_regionale') }}

),

moved as (

    -- The changes from the day before and to the day after, where these are known.
    select
        *,
        if(
            lag(local_date) over (partition by region_code order by local_date) = date_sub(local_date, interval 1 day),
            mean_celsius - lag(mean_celsius) over (partition by region_code order by local_date),
            null
        ) as rise_celsius,
        if(
            lead(local_date) over (partition by region_code order by local_date) = date_add(local_date, interval 1 day),
            lead(mean_celsius) over (partition by region_code order by local_date) - mean_celsius,
            null
        ) as next_rise_celsius
    from regions

),

judged as (

    select
        *,
        coalesce(
            mean_celsius not between {{ bounds[0] }} and {{ bounds[1] }}
            or minimum_celsius not between {{ bounds[0] }} and {{ bounds[1] }}
            or maximum_celsius not between {{ bounds[0] }} and {{ bounds[1] }}
            or (
                rise_celsius * next_rise_celsius < 0
                and least(abs(rise_celsius), abs(next_rise_celsius)) > {{ var('celsius_and_back') }}
            ),
            false
        ) as is_implausible
    from moved

),

plausible as (

    -- An implausible temperature counts as not reported.
    select
        local_date,
        region_code,
        region_name,
        is_implausible,
        if(is_implausible, null, minimum_celsius) as minimum_celsius,
        if(is_implausible, null, mean_celsius) as mean_celsius,
        if(is_implausible, null, maximum_celsius) as maximum_celsius
    from judged

)

select * from plausible
