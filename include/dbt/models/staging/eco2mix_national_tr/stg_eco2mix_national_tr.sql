with

source as (

    select * from {{ source('odre', 'eco2mix_national_tr') }}

),

renamed as (

    select
        ---------- ids
        perimetre as perimeter,
        nature as status,

        ---------- times
        date as local_date,
        heure as clock_time,
        date_heure as started_at,

        ---------- measures
        {% for measure in measures() -%}
        {{ measure.column }} as {{ measure.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from source

)

select * from renamed
