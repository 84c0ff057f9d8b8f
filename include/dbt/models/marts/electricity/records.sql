{{ config(partition_by=none) }}

with

days as (

    select * from {{ ref('int_mix_daily') }}

),

candidates as (

    {% for measure in measures(['source', 'consumption']) -%}
    select
        local_date,
        '{{ measure.label }}' as measure,
        'highest step' as record,
        maturity,
        peak_{{ measure.name }} as value_mw
    from days
    union all
    select
        local_date,
        '{{ measure.label }}' as measure,
        'highest daily mean' as record,
        maturity,
        if(is_complete, {{ measure.name }}, null) as value_mw
    from days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranked as (

    -- On a tie the earlier day comes first.
    select
        *,
        row_number() over (partition by measure, record order by value_mw desc, local_date asc) as place
    from candidates
    where value_mw is not null

),

held as (

    select
        measure,
        record,
        place,
        value_mw,
        local_date,
        maturity
    from ranked
    where place <= 10

)

select * from held
