with

mix as (

    select * from {{ ref('int_mix_daily') }}

),

powers as (

    {% for measure in measures(['source', 'consumption']) -%}
    select
        local_date,
        '{{ measure.label }}' as measure,
        maturity,
        {{ measure.name }} as mean_mw
    from mix
    union all
    {% endfor -%}
    select
        local_date,
        'pumping' as measure,
        maturity,
        pumping_mw as mean_mw
    from mix
    union all
    select
        local_date,
        'net imports' as measure,
        maturity,
        physical_exchange_mw as mean_mw
    from mix

),

temperature as (

    select * from {{ ref('int_temperature_daily') }}

),

gas as (

    select * from {{ ref('gas_storage_daily') }}

),

joined as (

    select
        powers.local_date,
        powers.measure,
        powers.maturity,
        powers.mean_mw,
        temperature.mean_celsius,
        if(gas.is_stock_plausible, gas.stock_gwh, null) as stock_gwh,
        gas.fill_level,
        gas.net_withdrawal_gwh
    from powers
    left join temperature on powers.local_date = temperature.local_date
    left join gas on powers.local_date = gas.gas_day

)

select * from joined
