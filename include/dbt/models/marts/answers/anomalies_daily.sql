{%- set columns = columns_with_normals() %}

with

days as (

    select * from {{ ref('int_conditions_daily') }}

),

by_day_of_year as (

    -- One row per day of the year (29 February included) and year, from which the windows are made.
    select
        day_of_year,
        calendar_year,
        {% for column in columns -%}
        {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from days

),

centres as (

    select centre from unnest(generate_array(1, 366)) as centre

),

windows as (

    -- The fifteen days before and after each day of the year; the first day of the year follows the last.
    select
        centres.centre,
        mod(centres.centre + distance + 365, 366) + 1 as day_of_year
    from centres
    cross join unnest(generate_array(-15, 15)) as distance

),

window_years as (

    select
        windows.centre,
        by_day_of_year.calendar_year,
        {% for column in columns -%}
        count(by_day_of_year.{{ column }}) as days_{{ column }},
        {{ exact_sum('by_day_of_year.' ~ column) }} as sum_{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from windows
    inner join by_day_of_year on windows.day_of_year = by_day_of_year.day_of_year
    group by windows.centre, by_day_of_year.calendar_year

),

normals as (

    -- A year counts when at least 16 of the 31 days of the window are known, and a normal needs three years.
    select
        centre,
        {% for column in columns -%}
        if(
            countif(days_{{ column }} >= 16) >= 3,
            round(safe_divide({{ exact_sum('sum_' ~ column) }}, sum(days_{{ column }})), 6),
            null
        ) as {{ column }}_normal{{ ',' if not loop.last }}
        {% endfor %}
    from window_years
    group by centre

),

heated as (

    select
        effective_celsius,
        consumption_mw,
        {{ exact_mean('effective_celsius', over='(partition by winter)') }} as winter_celsius,
        {{ exact_mean('consumption_mw', over='(partition by winter)') }} as winter_mw
    from days
    where
        winter is not null
        and is_workday
        and effective_celsius is not null
        and consumption_mw is not null

),

response as (

    -- MW per degree, estimated as in the answers: on workdays of November to March, each winter with its own level.
    select
        safe_divide(
            {{ exact_sum('effective_celsius * consumption_mw - winter_celsius * winter_mw') }},
            {{ exact_sum('effective_celsius * effective_celsius - winter_celsius * winter_celsius') }}
        ) as mw_per_celsius
    from heated

),

past_fill as (

    -- The same day of the five years before. A 29 February has no such day in most years, and so no comparison.
    select
        local_date,
        if(count(fill_level) over same_day = 5, avg(fill_level) over same_day, null) as fill_previous_years_mean,
        if(count(fill_level) over same_day = 5, stddev_samp(fill_level) over same_day, null) as fill_previous_years_stddev,
        if(count(fill_level) over same_day = 5, min(fill_level) over same_day, null) as fill_previous_years_min,
        if(count(fill_level) over same_day = 5, max(fill_level) over same_day, null) as fill_previous_years_max
    from days
    window same_day as (
        partition by day_of_year
        order by calendar_year
        range between 5 preceding and 1 preceding
    )

),

compared as (

    select
        days.local_date,
        days.season,
        days.season_year,
        days.winter,
        days.holiday,
        days.is_workday,
        days.maturity,
        days.hours_in_day,
        days.datasets,
        days.mean_celsius,
        days.temperature_category,
        days.missing_gas_sites,
        days.effective_celsius,
        days.heating_degree_days,
        days.production_mw,
        days.batteries_mw,
        days.statistical_difference_mw,
        {% for border in border_names() if border != 'all' -%}
        days.export_{{ border }}_mw,
        days.import_{{ border }}_mw,
        {% endfor -%}
        {% for column in columns -%}
        days.{{ column }},
        normals.{{ column }}_normal,
        round(days.{{ column }} - normals.{{ column }}_normal, 6) as {{ column }}_anomaly,
        {% endfor -%}
        round(-response.mw_per_celsius, 6) as heating_mw_per_celsius,
        round(
            days.consumption_mw + response.mw_per_celsius * (days.heating_degrees - normals.heating_degrees_normal), 6
        ) as consumption_corrected_mw,
        round(past_fill.fill_previous_years_mean, 9) as fill_previous_years_mean,
        round(past_fill.fill_previous_years_stddev, 9) as fill_previous_years_stddev,
        round(past_fill.fill_previous_years_min, 9) as fill_previous_years_min,
        round(past_fill.fill_previous_years_max, 9) as fill_previous_years_max
    from days
    left join normals on days.day_of_year = normals.centre
    left join past_fill on days.local_date = past_fill.local_date
    cross join response

)

select * from compared
