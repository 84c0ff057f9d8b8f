{{ config(materialized='ephemeral') }}

with

days as (

    select * from {{ ref('int_temperature_daily') }}

),

compared as (

    select
        local_date,
        regions_reported as received,
        regions_expected as expected,
        missing_regions as missing,
        implausible_regions as implausible,
        cast(null as string) as late
    from days

)

select * from compared
