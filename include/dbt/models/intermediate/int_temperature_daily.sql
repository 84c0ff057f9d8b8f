{{ config(materialized='table') }}

with

declared as (

    -- The one place that decides which regions count: those that the contract declares, on the days of their service.
    {{ declared_entities('temperature_quotidienne_regionale', 'int64') }}

),

reports as (

    select
        regions.local_date,
        regions.region_code,
        regions.minimum_celsius,
        regions.mean_celsius,
        regions.maximum_celsius,
        regions.is_implausible
    from {{ ref('int_temperature_plausible') }} as regions
    inner join declared on regions.region_code = declared.entity
    where {{ in_service('declared', 'regions.local_date') }}

),

days as (

    select distinct local_date from reports

),

expected as (

    select
        days.local_date,
        declared.entity as region_code,
        declared.label as region_name
    from days
    inner join declared on {{ in_service('declared', 'days.local_date') }}

),

counted as (

    select
        expected.local_date,
        count(reports.mean_celsius) as regions_reported,
        count(*) as regions_expected,
        string_agg(
            if(reports.is_implausible, expected.region_name, null), ', ' order by expected.region_code
        ) as implausible_regions,
        string_agg(
            if(reports.mean_celsius is null and not coalesce(reports.is_implausible, false), expected.region_name, null),
            ', '
            order by expected.region_code
        ) as missing_regions,
        round({{ exact_mean('reports.mean_celsius') }}, 9) as reported_mean_celsius,
        min(reports.minimum_celsius) as coldest_celsius,
        max(reports.maximum_celsius) as warmest_celsius
    from expected
    left join reports
        on
            expected.local_date = reports.local_date
            and expected.region_code = reports.region_code
    group by expected.local_date

),

set_aside as (

    select local_date from {{ ref('int_days_set_aside') }}
    where source_table = 'temperature_quotidienne_regionale'

),

weighted as (

    select * from {{ ref('int_temperature_weighted') }}

),

averaged as (

    -- The plain mean over the regions, in which each region counts the same, as in the original project.
    select
        counted.*,
        counted.regions_reported = counted.regions_expected as is_complete,
        counted.implausible_regions is null as is_plausible,
        set_aside.local_date is not null as is_set_aside,
        if(counted.regions_reported = counted.regions_expected, counted.reported_mean_celsius, null) as mean_celsius,
        weighted.weighted_celsius
    from counted
    left join weighted on counted.local_date = weighted.local_date
    left join set_aside on counted.local_date = set_aside.local_date

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
