{{ config(materialized='view') }}

with

steps as (

    select * from {{ ref('stg_eco2mix_national_tr') }}

),

real_clock_times as (

    -- On the day when clocks go forward, the source writes rows for 02:00 to 02:45, which do not exist, with the
    -- instants of 03:00 to 03:45. That day is the one whose local midnights are 23 hours apart.
    select
        *,
        {{ hours_in_day('local_date') }} as hours_in_day
    from steps

),

kept as (

    select
        *,
        case status
            when 'Données temps réel' then 'real_time'
            when 'Données consolidées' then 'consolidated'
            when 'Données définitives' then 'definitive'
        end as maturity
    from real_clock_times
    where not (hours_in_day = 23 and starts_with(clock_time, '02:'))

)

select * from kept
