with

known_days as (

    select local_date from {{ ref('int_mix_daily') }}
    union all
    select local_date from {{ ref('int_temperature_daily') }}
    union all
    select gas_day as local_date from {{ ref('gas_storage_daily') }}

),

spans as (

    select
        min(local_date) as first_day,
        max(local_date) as last_day
    from known_days

),

holidays as (

    select * from {{ ref('french_public_holidays') }}

),

horizon as (

    select date_trunc(max(local_date), year) as last_year from holidays

),

days as (

    select local_date
    from spans
    cross join unnest(generate_date_array(spans.first_day, spans.last_day)) as local_date

),

named as (

    -- Beyond the years that the seed covers it is not known whether a day is a holiday.
    select
        days.local_date,
        extract(year from days.local_date) as calendar_year,
        extract(month from days.local_date) as calendar_month,
        -- 29 February has a number of its own, so that every other day keeps its number in every year.
        extract(dayofyear from date(2020, extract(month from days.local_date), extract(day from days.local_date)))
            as day_of_year,
        {{ season('days.local_date') }} as season,
        {{ season_year('days.local_date') }} as season_year,
        if(
            extract(month from days.local_date) in (11, 12, 1, 2, 3),
            extract(year from date_add(days.local_date, interval 2 month)),
            null
        ) as winter,
        holidays.holiday,
        if(
            days.local_date < date_add(horizon.last_year, interval 1 year),
            holidays.holiday is null and extract(dayofweek from days.local_date) between 2 and 6,
            null
        ) as is_workday
    from days
    cross join horizon
    left join holidays on days.local_date = holidays.local_date

)

select * from named
