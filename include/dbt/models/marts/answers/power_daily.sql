with

days as (

    -- Days with a mix: on other days the maturity is null.
    select * from {{ ref('anomalies_daily') }}
    where maturity is not null

),

powers as (

    {% for measure in measures(['source', 'consumption']) -%}
    select
        local_date,
        '{{ measure.label }}' as measure,
        maturity,
        {{ measure.name }} as mean_mw
    from days
    union all
    {% endfor -%}
    select
        local_date,
        'pumping' as measure,
        maturity,
        pumping_mw as mean_mw
    from days
    union all
    select
        local_date,
        'net imports' as measure,
        maturity,
        net_imports_mw as mean_mw
    from days

),

joined as (

    select
        powers.local_date,
        powers.measure,
        powers.maturity,
        powers.mean_mw,
        days.mean_celsius,
        days.stock_gwh,
        days.fill_level,
        days.net_withdrawal_gwh
    from powers
    inner join days on powers.local_date = days.local_date

)

select * from joined
