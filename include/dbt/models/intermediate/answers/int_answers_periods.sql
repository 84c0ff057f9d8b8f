{{ config(materialized='ephemeral') }}

with

observations as (

    select * from {{ ref('int_answers_observations') }}

),

years as (

    select
        series,
        block_year,
        any_value(question) as question,
        any_value(part) as part,
        any_value(method) as method,
        any_value(kind) as kind,
        any_value(fine) as fine,
        any_value(minimum) as minimum,
        any_value(least_years) as least_years,
        any_value(period_kind) as period_kind,
        any_value(period) as period,
        countif(is_known) as days,
        max(countif(is_known)) over (partition by series) as days_of_fullest_year,
        min(if(is_known, local_date, null)) as first_day,
        max(if(is_known, local_date, null)) as last_day,
        {{ maturity_of('if(is_known, maturity, null)') }} as maturity
    from observations
    group by series, block_year

),

described as (

    -- A year with less than half the days of the fullest one is no year to count.
    select
        series,
        any_value(question) as question,
        any_value(part) as part,
        any_value(method) as method,
        any_value(kind) as kind,
        any_value(minimum) as minimum,
        any_value(period_kind) as period_kind,
        any_value(period) as period,
        sum(days) as days,
        min(first_day) as first_day,
        max(last_day) as last_day,
        {{ maturity_of('maturity') }} as maturity,
        any_value(fine) is null or countif(days > 0 and 2 * days >= days_of_fullest_year) >= 5 as blocks_are_years,
        if(
            any_value(fine) is null or countif(days > 0 and 2 * days >= days_of_fullest_year) >= 5,
            any_value(least_years),
            6
        ) as least_blocks
    from years
    group by series

)

select * from described
