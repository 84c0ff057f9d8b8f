with

days as (

    select
        *,
        date_trunc(local_date, month) as first_of_month
    from {{ ref('anomalies_daily') }}
    where fill_level is not null

),

flows as (

    select
        days.local_date,
        days.first_of_month,
        days.maturity,
        days.fill_level,
        flow.part,
        flow.mw
    from days
    cross join unnest([
        {% for border in border_names() -%}
        struct(
            '{{ border }}/volume' as part, days.export_{{ border }}_mw + days.import_{{ border }}_mw as mw
        ),
        struct('{{ border }}/exports' as part, days.export_{{ border }}_mw as mw),
        struct('{{ border }}/imports' as part, days.import_{{ border }}_mw as mw),
        struct(
            '{{ border }}/net_exports' as part, days.export_{{ border }}_mw - days.import_{{ border }}_mw as mw
        ),
        {% endfor -%}
        struct('all/net_physical_exports' as part, -days.net_imports_mw as mw)
    ]) as flow
    where flow.mw is not null

),

months as (

    -- Stocks move so slowly that the days of a month say hardly more than their mean.
    select
        part,
        first_of_month,
        max(local_date) as local_date,
        {{ maturity_of('maturity') }} as maturity,
        {{ exact_mean('fill_level') }} as fill_level,
        {{ exact_mean('mw') }} as mw
    from flows
    group by part, first_of_month
    having count(*) >= 25

),

observed as (

    {% for method, group_key in [
        ('raw_correlation', "'all'"), ('same_month_correlation', "format_date('%m', first_of_month)"),
    ] -%}
    select
        'exchanges_vs_gas_storage' as question,
        part,
        '{{ method }}' as method,
        local_date,
        extract(year from first_of_month) as block_year,
        {{ group_key }} as group_key,
        fill_level as x,
        mw as y,
        cast(null as float64) as z,
        maturity
    from months
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from observed
