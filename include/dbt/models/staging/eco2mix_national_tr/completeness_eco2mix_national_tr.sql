{{ config(materialized='ephemeral') }}

with

days as (

    select * from {{ ref('int_mix_daily_observed') }}

),

compared as (

    -- A day of which only forecasts are there is published and not yet observed.
    select
        local_date,
        observed_steps as received,
        expected_steps as expected,
        case
            when observed_steps = 0 then 'forecasts only, nothing observed'
            when observed_steps < expected_steps
                then concat('steps without consumption: ', cast(expected_steps - observed_steps as string))
        end as missing,
        cast(null as string) as late
    from days

)

select * from compared
