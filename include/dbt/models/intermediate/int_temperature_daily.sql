with

regions as (

    select * from {{ ref('stg_temperature_quotidienne_regionale') }}

),

known_regions as (

    select count(distinct region_code) as regions_expected from regions

),

counted as (

    -- Rounded, because floats that are added in another order differ in the last digit, and the table would then
    -- differ when it is built again.
    select
        regions.local_date,
        count(regions.mean_celsius) as regions_reported,
        any_value(known_regions.regions_expected) as regions_expected,
        round(avg(regions.mean_celsius), 9) as reported_mean_celsius,
        min(regions.minimum_celsius) as coldest_celsius,
        max(regions.maximum_celsius) as warmest_celsius
    from regions
    cross join known_regions
    group by regions.local_date

),

averaged as (

    -- The plain mean over the regions, in which each region counts the same, as in the original project.
    select
        *,
        regions_reported = regions_expected as is_complete,
        if(regions_reported = regions_expected, reported_mean_celsius, null) as mean_celsius
    from counted

),

categorised as (

    select
        *,
        case
            when mean_celsius <= {{ var('cold_up_to_celsius') }} then 'cold'
            when mean_celsius > {{ var('hot_above_celsius') }} then 'hot'
            when mean_celsius is not null then 'average'
        end as temperature_category
    from averaged

)

select * from categorised
