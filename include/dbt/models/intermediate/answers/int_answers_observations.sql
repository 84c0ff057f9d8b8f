with

observations as (

    {% for model in ['balance', 'gas', 'gas_years', 'thermosensitivity', 'seasons', 'exchanges'] -%}
    select
        question,
        part,
        method,
        local_date,
        block_year,
        group_key,
        x,
        y,
        z,
        maturity
    from {{ ref('int_answers_' ~ model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

methods as (

    select
        entry.method,
        entry.kind,
        entry.fine,
        entry.minimum,
        entry.least_years,
        entry.has_years,
        entry.together
    from unnest([
        {% for name, method in answer_methods().items() -%}
        struct(
            '{{ name }}' as method,
            '{{ method.kind }}' as kind,
            {% if method.fine %}'{{ method.fine }}'{% else %}cast(null as string){% endif %} as fine,
            {{ method.minimum }} as minimum,
            {{ method.least_years }} as least_years,
            {{ method.years | lower }} as has_years,
            {{ method.together }} as together
        ){{ ',' if not loop.last }}
        {% endfor %}
    ]) as entry

),

described as (

    select
        observations.*,
        methods.kind,
        methods.fine,
        methods.minimum,
        methods.least_years,
        methods.has_years,
        methods.together,
        observations.x is not null and observations.y is not null as is_known,
        case methods.fine
            when 'month' then format_date('%Y-%m', observations.local_date)
            when 'half_month'
                then concat(
                    format_date('%Y-%m', observations.local_date),
                    if(extract(day from observations.local_date) > 15, ' b', ' a')
                )
        end as fine_block,
        max(if(observations.x is null or observations.y is null, null, observations.local_date))
            over (partition by observations.question, observations.part, observations.method) as last_day
    from observations
    inner join methods on observations.method = methods.method

),

in_periods as (

    -- Single years and the trailing year have rows for methods with estimates for them. Correlations without the season
    -- have such rows too, which say that one year is too few.
    select
        described.*,
        span.period_kind,
        span.period,
        concat(described.question, ' ', described.part, ' ', described.method, ' ', span.period) as series
    from described
    cross join unnest([
        struct('all' as period_kind, 'all' as period),
        struct('year' as period_kind, cast(described.block_year as string) as period),
        struct('trailing_year' as period_kind, 'trailing_year' as period)
    ]) as span
    where
        span.period_kind = 'all'
        or (
            (described.has_years or (described.kind = 'correlation' and described.method != 'raw_correlation'))
            and (
                span.period_kind = 'year'
                or described.local_date > date_sub(described.last_day, interval 1 year)
            )
        )

)

select * from in_periods
