{{ config(materialized='table') }}

with

declared as (

    -- The one place that decides which sites count: those that the contract declares, on the days of their service.
    -- Reports of other sites, and of sites that are not in service, are not used.
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

    -- A total over only some of the sites in service is not the national stock.
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

    select
        *,
        lag(gas_day) over (order by gas_day) as previous_day,
        lag(stock_gwh) over (order by gas_day) as previous_stock_gwh,
        lag(sites_in_service) over (order by gas_day) as previous_sites
    from totalled

),

moved as (

    -- Stocks of two days are compared only when the days follow each other and the same sites are counted.
    select
        *,
        if(
            previous_day = date_sub(gas_day, interval 1 day) and previous_sites = sites_in_service,
            round(previous_stock_gwh - stock_gwh, 6),
            null
        ) as stock_fall_gwh
    from compared

),

judged as (

    -- A change that the storages cannot make in a day means that one of the two stocks is wrong.
    select
        *,
        abs(stock_fall_gwh) <= {{ var('greatest_daily_gas_change_gwh') }} as is_plausible
    from moved

),

suspected as (

    -- It is not known which of the two is wrong, so neither is used.
    select
        *,
        lead(stock_fall_gwh) over (order by gas_day) as next_fall_gwh,
        is_complete
        and coalesce(is_plausible, true)
        and coalesce(lead(is_plausible) over (order by gas_day), true) as is_stock_plausible
    from judged

),

ranked as (

    -- Five years are five storage years, so that a single mild winter does not define what full means.
    select
        *,
        min(if(is_complete, gas_day, null)) over () as first_day,
        max(if(is_stock_plausible, stock_gwh, null)) over (
            order by unix_date(gas_day) range between 1826 preceding and current row
        ) as greatest_gwh
    from suspected

),

measured as (

    -- The greatest stock stands for full storages only after a whole storage year.
    select
        ranked.* except (
            previous_day, previous_stock_gwh, previous_sites, next_fall_gwh, is_stock_plausible, first_day, greatest_gwh
        ),
        if(ranked.is_complete, ranked.is_stock_plausible, null) as is_stock_plausible,
        if(
            ranked.is_complete and ranked.gas_day >= date_add(ranked.first_day, interval 365 day),
            ranked.greatest_gwh,
            null
        ) as running_maximum_gwh,
        if(
            ranked.is_complete and ranked.gas_day >= date_add(ranked.first_day, interval 365 day),
            greatest(ranked.first_day, date_sub(ranked.gas_day, interval 1826 day)),
            null
        ) as running_maximum_since,
        case
            when not ranked.is_plausible
                then format('the stock moved by %.0f GWh in a day', abs(ranked.stock_fall_gwh))
            when ranked.is_complete and not ranked.is_stock_plausible
                then format('the stock moved by %.0f GWh the day after', abs(ranked.next_fall_gwh))
        end as implausible,
        set_aside.local_date is not null as is_set_aside
    from ranked
    left join set_aside on ranked.gas_day = set_aside.local_date

)

select * from measured
