with

reports as (

    select * from {{ ref('stg_stock_quotidien_stockages_gaz') }}
    where stock_gwh is not null

),

sites as (

    -- A site is in service from its first report on, until var retired_gas_sites says it was retired.
    select
        site,
        min(gas_day) as first_day,
        {{ retired_on('site') }} as retired_on
    from reports
    group by site

),

gas_days as (

    select distinct gas_day from reports

),

expected as (

    select
        gas_days.gas_day,
        sites.site
    from gas_days
    inner join sites
        on
            gas_days.gas_day >= sites.first_day
            and (sites.retired_on is null or gas_days.gas_day < sites.retired_on)

),

counted as (

    -- Rounded: floats added in another order differ in the last digit, and so would the table when run again.
    select
        expected.gas_day,
        count(*) as sites_in_service,
        count(reports.site) as sites_reported,
        string_agg(if(reports.site is null, expected.site, null), ', ' order by expected.site) as missing_sites,
        round(sum(reports.stock_gwh), 6) as reported_gwh
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
        *,
        sites_reported = sites_in_service as is_complete,
        if(sites_reported = sites_in_service, reported_gwh, null) as stock_gwh
    from counted

)

select * from totalled
