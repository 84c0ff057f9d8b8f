with

candidates as (

    select
        local_date,
        source as measure,
        'highest step' as record,
        maturity,
        peak_mw as value_mw
    from {{ ref('mix_daily_by_source') }}
    union all
    select
        local_date,
        source as measure,
        'highest daily mean' as record,
        maturity,
        if(is_complete, mean_mw, null) as value_mw
    from {{ ref('mix_daily_by_source') }}
    union all
    select
        local_date,
        'consumption' as measure,
        'highest step' as record,
        maturity,
        peak_consumption_mw as value_mw
    from {{ ref('mix_daily') }}
    union all
    select
        local_date,
        'consumption' as measure,
        'highest daily mean' as record,
        maturity,
        if(is_complete, consumption_mwh / hours_in_day, null) as value_mw
    from {{ ref('mix_daily') }}

),

ranked as (

    -- The first day of a tie keeps the record.
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
        value_mw,
        local_date,
        maturity
    from ranked
    where place = 1

)

select * from held
