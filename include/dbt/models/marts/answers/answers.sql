{%- set common = [
    'question', 'part', 'method', 'period_kind', 'period', 'first_day', 'last_day', 'days', 'maturity', 'reason', 'estimate',
    'lower', 'upper',
] %}

with

series as (

    select * from {{ ref('int_answers_series') }}

),

units as (

    select
        entry.unit,
        entry.smallest_effect
    from unnest([
        {% for unit, smallest in smallest_effects().items() -%}
        struct('{{ unit }}' as unit, cast({{ smallest }} as float64) as smallest_effect){{ ',' if not loop.last }}
        {% endfor %}
    ]) as entry

),

raw_methods as (

    select method from unnest([
        {% for name, method in answer_methods().items() if method.raw -%}
        '{{ name }}'{{ ',' if not loop.last }}
        {% endfor %}
    ]) as method

),

estimates as (

    select
        {{ common | join(', ') }},
        joint_lower,
        joint_upper,
        effective_n,
        lowest,
        highest
    from {{ ref('int_answers_estimates') }}
    union all
    select
        {{ common | join(', ') }},
        cast(null as float64) as joint_lower,
        cast(null as float64) as joint_upper,
        cast(null as float64) as effective_n,
        lowest,
        highest
    from {{ ref('int_answers_described') }}

),

ranged as (

    -- The range of the estimates of single years (or winters), on the row of all years.
    select
        * except (lowest, highest),
        if(
            period_kind = 'all' and lowest is null,
            min(if(period_kind = 'year', estimate, null)) over (partition by question, part, method),
            lowest
        ) as lowest,
        if(
            period_kind = 'all' and highest is null,
            max(if(period_kind = 'year', estimate, null)) over (partition by question, part, method),
            highest
        ) as highest
    from estimates

),

answered as (

    -- A question, part and method without data still has a row, with the reason.
    select
        series.question_number,
        series.question,
        series.part,
        coalesce(ranged.period_kind, 'all') as period_kind,
        coalesce(ranged.period, 'all') as period,
        series.method,
        ranged.estimate,
        series.unit,
        ranged.lower,
        ranged.upper,
        ranged.joint_lower,
        ranged.joint_upper,
        ranged.lowest,
        ranged.highest,
        coalesce(ranged.days, 0) as days,
        ranged.effective_n,
        ranged.first_day,
        ranged.last_day,
        ranged.maturity,
        units.smallest_effect,
        if(ranged.question is null, 'no_data', ranged.reason) as reason,
        raw_methods.method is not null as has_season_in_it
    from series
    inner join units on series.unit = units.unit
    left join ranged
        on
            series.question = ranged.question
            and series.part = ranged.part
            and series.method = ranged.method
    left join raw_methods on series.method = raw_methods.method

),

judged as (

    select
        * except (reason, has_season_in_it),
        case
            when reason is not null or has_season_in_it then 'not_detectable'
            when method = 'season_share' or lower is null then 'yes'
            else {{ verdict_of('lower', 'upper') }}
        end as verdict,
        case
            when reason is not null then reason
            when has_season_in_it then 'season_not_removed'
            when method = 'season_share' or lower is null then null
            when {{ verdict_of('lower', 'upper') }} = 'not_detectable' then 'interval_too_wide'
        end as reason,
        case
            when joint_lower is not null then {{ verdict_of('joint_lower', 'joint_upper') }}
        end as joint_verdict
    from answered

)

select
    *,
    case
        {% for question, method, part, name in answer_sentences() -%}
        when question = '{{ question }}' and method = '{{ method }}' and part = '{{ part }}' then concat(
            '{{ name }}_',
            case
                when verdict = 'not_detectable' then 'what'
                {% if name == 'fill' -%}
                when verdict = 'yes' then if(estimate > 0, 'yes_above', 'yes_below')
                {% endif -%}
                else verdict
            end
        )
        {% endfor %}
    end as sentence_key,
    {% for column, type in [('reference', 'float64'), ('reference_source', 'string')] -%}
    case
        {% for question, method, part, figure, source in published_references() -%}
        when question = '{{ question }}' and method = '{{ method }}' and part = '{{ part }}'
            then {{ figure if column == 'reference' else "'" ~ source ~ "'" }}
        {% endfor %}
        else cast(null as {{ type }})
    end as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from judged
