{{ config(materialized='view') }}

with

steps as (

    select * from {{ ref('stg_eco2mix_national_tr') }}

),

real_clock_times as (

    -- On the day clocks go forward 02:xx does not exist, yet the source writes it, as a second row for the
    -- instants of 03:xx. The hour 02:xx is told by its own clock: local midnight to midnight lasts 23 hours.
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
