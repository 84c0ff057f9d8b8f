with

sites as (

    -- The one place that decides which sites count: a site is in service from its first report on, until var
    -- retired_gas_sites says that it was retired. What a retired site still reports is not used.
    select
        gas_day,
        site,
        stock_gwh,
        min(gas_day) over (partition by site) as first_day,
        {{ retired_on('site') }} as retired_on
    from {{ ref('stg_stock_quotidien_stockages_gaz') }}
    where stock_gwh is not null

),

reports as (

    select
        gas_day,
        site,
        stock_gwh,
        max(stock_gwh) over (
            partition by site order by gas_day rows between unbounded preceding and current row
        ) as maximum_gwh
    from sites
    where retired_on is null or gas_day < retired_on

),

in_service as (

    select distinct
        site,
        first_day,
        retired_on
    from sites

),

gas_days as (

    select distinct gas_day from sites

),

expected as (

    select
        gas_days.gas_day,
        in_service.site,
        in_service.first_day
    from gas_days
    inner join in_service
        on
            gas_days.gas_day >= in_service.first_day
            and (in_service.retired_on is null or gas_days.gas_day < in_service.retired_on)

),

counted as (

    -- Rounded, because floats that are added in another order differ in the last digit, and the table would then
    -- differ when it is built again.
    select
        expected.gas_day,
        max(expected.first_day) as newest_site_since,
        count(*) as sites_in_service,
        count(reports.site) as sites_reported,
        string_agg(if(reports.site is null, expected.site, null), ', ' order by expected.site) as missing_sites,
        round(sum(reports.stock_gwh), 6) as reported_gwh,
        round(sum(reports.maximum_gwh), 6) as reported_maximum_gwh
    from expected
    left join reports
        on
            expected.gas_day = reports.gas_day
            and expected.site = reports.site
    group by expected.gas_day

),

totalled as (

    -- A total over fewer sites than are in service is no national stock. A maximum says how much a site can hold once
    -- it has been through a whole storage year.
    select
        gas_day,
        sites_in_service,
        sites_reported,
        missing_sites,
        reported_gwh,
        sites_reported = sites_in_service as is_complete,
        if(sites_reported = sites_in_service, reported_gwh, null) as stock_gwh,
        if(
            sites_reported = sites_in_service and gas_day >= date_add(newest_site_since, interval 365 day),
            reported_maximum_gwh,
            null
        ) as running_maximum_gwh
    from counted

)

select * from totalled
