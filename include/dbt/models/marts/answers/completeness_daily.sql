with

mix as (

    select
        local_date,
        observed_steps as received,
        expected_steps as expected
    from {{ ref('int_mix_daily') }}

),

mix_rows as (

    -- Days the source has rows for, forecasts included.
    select distinct local_date from {{ ref('int_mix_steps') }}
    where {{ in_window('local_date') }}

),

gas as (

    select * from {{ ref('int_gas_storage_daily') }}

),

temperature as (

    select * from {{ ref('int_temperature_daily') }}

),

reports as (

    select
        'eco2mix_national_tr' as source_table,
        mix_rows.local_date,
        coalesce(mix.received, 0) as received,
        mix.expected,
        case
            when mix.local_date is null then 'forecasts only, nothing observed'
            when mix.received < mix.expected
                then concat('steps without consumption: ', cast(mix.expected - mix.received as string))
        end as missing
    from mix_rows
    left join mix on mix_rows.local_date = mix.local_date
    union all
    select
        'stock_quotidien_stockages_gaz' as source_table,
        gas_day as local_date,
        sites_reported as received,
        sites_in_service as expected,
        missing_sites as missing
    from gas
    union all
    select
        'temperature_quotidienne_regionale' as source_table,
        local_date,
        regions_reported as received,
        regions_expected as expected,
        if(
            is_complete, null, concat('regions without a mean: ', cast(regions_expected - regions_reported as string))
        ) as missing
    from temperature

),

spans as (

    select
        source_table,
        min(local_date) as first_day,
        max(if(received > 0, local_date, null)) as last_day
    from reports
    group by source_table

),

calendar as (

    select
        spans.source_table,
        spans.last_day,
        local_date
    from spans
    cross join unnest(generate_date_array(spans.first_day, (select max(every_span.last_day) from spans as every_span))) as local_date

),

explained as (

    select
        calendar.local_date,
        calendar.source_table,
        coalesce(reports.received, 0) as received,
        reports.expected,
        coalesce(reports.received = reports.expected, false) as is_complete,
        case
            when reports.received = reports.expected then null
            when calendar.local_date > calendar.last_day then 'not published yet'
            when reports.local_date is null then 'absent from the source, or not loaded'
            when calendar.local_date = calendar.last_day then 'being published'
            when reports.source_table = 'stock_quotidien_stockages_gaz' then 'operators that are late'
            else 'incomplete at the source'
        end as reason,
        if(reports.local_date is null, 'the whole day', reports.missing) as missing
    from calendar
    left join reports
        on
            calendar.source_table = reports.source_table
            and calendar.local_date = reports.local_date

)

select * from explained
