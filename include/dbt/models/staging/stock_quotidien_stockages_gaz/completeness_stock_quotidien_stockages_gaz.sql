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
        implausible,
        'operators that are late' as late
    from days

)

select * from compared
