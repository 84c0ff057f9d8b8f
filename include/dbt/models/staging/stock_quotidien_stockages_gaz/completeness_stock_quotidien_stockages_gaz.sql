{{ config(materialized='ephemeral') }}

with

days as (

    select * from {{ ref('int_gas_storage_daily') }}

),

moves as (

    select * from {{ ref('gas_storage_daily') }}

),

compared as (

    select
        days.gas_day as local_date,
        days.sites_reported as received,
        days.sites_in_service as expected,
        days.missing_sites as missing,
        if(
            moves.is_plausible,
            null,
            concat('the stock moved by ', cast(cast(round(abs(moves.stock_fall_gwh)) as int64) as string), ' GWh in a day')
        ) as implausible,
        'operators that are late' as late
    from days
    left join moves on days.gas_day = moves.gas_day

)

select * from compared
