with

sums as (

    select * from {{ ref('int_answers_sums') }}

),

years as (

    select
        series,
        block_year,
        {% for property in series_properties() -%}
        any_value({{ property }}) as {{ property }},
        {% endfor -%}
        sum(n) as days,
        max(sum(n)) over (partition by series) as days_of_fullest_year,
        min(first_day) as first_day,
        max(last_day) as last_day,
        min(lowest_y) as lowest_y,
        max(highest_y) as highest_y,
        {{ maturity_of('maturity') }} as maturity
    from sums
    group by series, block_year

),

described as (

    -- A year with less than half the days of the fullest year does not count.
    select
        series,
        {% for property in series_properties() if property not in ('fine', 'least_years') -%}
        any_value({{ property }}) as {{ property }},
        {% endfor -%}
        sum(days) as days,
        min(first_day) as first_day,
        max(last_day) as last_day,
        min(lowest_y) as lowest_y,
        max(highest_y) as highest_y,
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
