with

days as (

    select * from {{ ref('int_mix_daily') }}

),

by_forecast as (

    {% for measure in measures(['forecast']) -%}
    select
        local_date,
        '{{ measure.label }}' as forecast,
        maturity_{{ measure.name }} as maturity,
        is_plausible_{{ measure.name }} as is_plausible,
        steps_{{ measure.name }} as steps,
        mean_error_{{ measure.name }} as mean_error_mw,
        mean_absolute_error_{{ measure.name }} as mean_absolute_error_mw,
        relative_absolute_error_{{ measure.name }} as relative_absolute_error,
        greatest_absolute_error_{{ measure.name }} as greatest_absolute_error_mw
    from days
    where steps_{{ measure.name }} > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from by_forecast
