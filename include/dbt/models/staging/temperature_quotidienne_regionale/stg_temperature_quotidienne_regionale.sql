with

source as (

    select * from {{ source('odre', 'temperature_quotidienne_regionale') }}

),

renamed as (

    -- `id` is left out, because it only repeats the day and the region.
    select
        date as local_date,
        code_insee_region as region_code,
        region as region_name,
        tmin as minimum_celsius,
        tmax as maximum_celsius,
        tmoy as mean_celsius
    from source

)

select * from renamed
