with

declared as (

    -- The one place that decides which sites count: those that the contract declares, on the days of their service.
    -- What another site reports, or one that has left service, is not used.
    {{ declared_entities('stock_quotidien_stockages_gaz') }}

),

reports as (

    select
        stocks.gas_day,
        stocks.site,
        stocks.stock_gwh
    from {{ ref('stg_stock_quotidien_stockages_gaz') }} as stocks
    inner join declared on stocks.site = declared.entity
    where stocks.stock_gwh is not null and {{ in_service('declared', 'stocks.gas_day') }}

),

gas_days as (

    select distinct gas_day from reports

),

expected as (

    select
        gas_days.gas_day,
        declared.entity as site
    from gas_days
    inner join declared on {{ in_service('declared', 'gas_days.gas_day') }}

),

counted as (

    select
        expected.gas_day,
        count(*) as sites_in_service,
        count(reports.site) as sites_reported,
        string_agg(if(reports.site is null, expected.site, null), ', ' order by expected.site) as missing_sites,
        round({{ exact_sum('reports.stock_gwh') }}, 6) as reported_gwh
    from expected
    left join reports
        on
            expected.gas_day = reports.gas_day
            and expected.site = reports.site
    group by expected.gas_day

),

totalled as (

    -- A total over fewer sites than are in service is no national stock.
    select
        gas_day,
        sites_in_service,
        sites_reported,
        missing_sites,
        reported_gwh,
        sites_reported = sites_in_service as is_complete,
        if(sites_reported = sites_in_service, reported_gwh, null) as stock_gwh
    from counted

),

set_aside as (

    select local_date from {{ ref('int_days_set_aside') }}
    where source_table = 'stock_quotidien_stockages_gaz'

),

compared as (

    -- Five years hold five storage years, so that one mild winter does not decide what full means.
    select
        *,
        min(if(is_complete, gas_day, null)) over () as first_day,
        max(stock_gwh) over (
            order by unix_date(gas_day) range between 1826 preceding and current row
        ) as greatest_gwh
    from totalled

),

measured as (

    -- A greatest stock says what full means once a whole storage year is behind it.
    select
        compared.* except (first_day, greatest_gwh),
        if(
            compared.is_complete and compared.gas_day >= date_add(compared.first_day, interval 365 day),
            compared.greatest_gwh,
            null
        ) as running_maximum_gwh,
        set_aside.local_date is not null as is_set_aside
    from compared
    left join set_aside on compared.gas_day = set_aside.local_date

)

select * from measured
