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
        if(
            is_complete, null, concat('regions without a mean: ', cast(regions_expected - regions_reported as string))
        ) as missing,
        cast(null as string) as late
    from days

)

select * from compared
