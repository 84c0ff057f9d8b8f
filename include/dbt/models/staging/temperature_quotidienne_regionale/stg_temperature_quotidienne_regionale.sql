with

source as (

    select * from {{ source('odre', 'temperature_quotidienne_regionale') }}

),

renamed as (

    -- `id` is left out: it says the day and the region once more.
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
