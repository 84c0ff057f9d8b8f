{{ config(materialized='ephemeral') }}

with

days as (

    select * from {{ ref('gas_storage_daily') }}

),

compared as (

    select
        gas_day as local_date,
        sites_reported as received,
        sites_in_service as expected,
        missing_sites as missing,
        if(
            is_plausible,
            null,
            concat('the stock moved by ', cast(cast(round(abs(stock_fall_gwh)) as int64) as string), ' GWh in a day')
        ) as implausible,
        'operators that are late' as late
    from days

)

select * from compared
