with

source as (

    select * from {{ source('odre', 'stock_quotidien_stockages_gaz') }}

),

renamed as (

    select
        date as gas_day,
        pits as site,
        source.source as operator,
        stock_fin_de_journee as stock_gwh
    from source

)

select * from renamed
