{{ config(materialized='ephemeral') }}

{%- set products = [('x', 'x'), ('x', 'y'), ('x', 'z'), ('y', 'y'), ('y', 'z'), ('z', 'z')] %}
{%- set sums = ['n', 'sx', 'sy', 'sz', 'sxx', 'sxy', 'sxz', 'syy', 'syz', 'szz'] %}

with

observations as (

    select * from {{ ref('int_answers_observations') }}

),

years as (

    select
        series,
        block_year,
        any_value(question) as question,
        any_value(part) as part,
        any_value(method) as method,
        any_value(kind) as kind,
        any_value(fine) as fine,
        any_value(minimum) as minimum,
        any_value(least_years) as least_years,
        any_value(period_kind) as period_kind,
        any_value(period) as period,
        countif(is_known) as days,
        max(countif(is_known)) over (partition by series) as days_of_fullest_year,
        min(if(is_known, local_date, null)) as first_day,
        max(if(is_known, local_date, null)) as last_day,
        {{ maturity_of('if(is_known, maturity, null)') }} as maturity
    from observations
    group by series, block_year

),

described as (

    -- A year with less than half the days of the fullest one is no year to count.
    select
        series,
        any_value(question) as question,
        any_value(part) as part,
        any_value(method) as method,
        any_value(kind) as kind,
        any_value(minimum) as minimum,
        any_value(period_kind) as period_kind,
        any_value(period) as period,
        sum(days) as days,
        min(first_day) as first_day,
        max(last_day) as last_day,
        {{ maturity_of('maturity') }} as maturity,
        any_value(fine) is null or countif(days > 0 and 2 * days >= days_of_fullest_year) >= 5 as blocks_are_years,
        if(
            any_value(fine) is null or countif(days > 0 and 2 * days >= days_of_fullest_year) >= 5,
            any_value(least_years),
            6
        ) as least_blocks
    from years
    group by series

),

cells as (

    -- Everything an estimate is made of, per block and group.
    select
        observations.series,
        observations.group_key,
        if(described.blocks_are_years, cast(observations.block_year as string), observations.fine_block) as block,
        count(*) as n,
        sum(observations.x) as sx,
        sum(observations.y) as sy,
        sum(coalesce(observations.z, 0)) as sz,
        sum(observations.x * observations.x) as sxx,
        sum(observations.x * observations.y) as sxy,
        sum(observations.x * coalesce(observations.z, 0)) as sxz,
        sum(observations.y * observations.y) as syy,
        sum(observations.y * coalesce(observations.z, 0)) as syz,
        sum(coalesce(observations.z * observations.z, 0)) as szz
    from observations
    inner join described on observations.series = described.series
    where observations.is_known
    group by observations.series, observations.group_key, block

),

groups as (

    select
        series,
        group_key,
        {% for name in sums -%}
        sum({{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from cells
    group by series, group_key

),

left_out as (

    -- Every block once, and none (null).
    select distinct
        series,
        block
    from cells
    union all
    select distinct
        series,
        cast(null as string) as block
    from cells

),

remaining as (

    select
        left_out.series,
        left_out.block,
        {% for name in sums -%}
        groups.{{ name }} - coalesce(cells.{{ name }}, 0) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from left_out
    inner join groups on left_out.series = groups.series
    left join cells
        on
            groups.series = cells.series
            and groups.group_key = cells.group_key
            and left_out.block = cells.block
    where groups.n > coalesce(cells.n, 0)

),

summed as (

    -- Within groups: what is left after every group's own mean.
    select
        series,
        block,
        count(*) as group_count,
        sum(n) as n,
        sum(sy) as sy,
        sum(sxx) as raw_xx,
        sum(syy) as raw_yy,
        sum(szz) as raw_zz,
        {% for a, b in products -%}
        sum(s{{ a }}{{ b }} - s{{ a }} * s{{ b }} / n) as within_{{ a }}{{ b }}{{ ',' if not loop.last }}
        {% endfor %}
    from remaining
    group by series, block

),

controlled as (

    -- What the control explains leaves x and y (Frisch, Waugh and Lovell). What is left of a constant is rounding, no
    -- variance.
    select
        *,
        if(within_zz > 1e-9 * raw_zz, 1, 0) as controls,
        within_xx <= 1e-9 * raw_xx or within_yy <= 1e-9 * raw_yy as is_constant,
        if(within_zz > 1e-9 * raw_zz, within_xx - within_xz * within_xz / within_zz, within_xx) as xx,
        if(within_zz > 1e-9 * raw_zz, within_xy - within_xz * within_yz / within_zz, within_xy) as xy,
        if(within_zz > 1e-9 * raw_zz, within_yy - within_yz * within_yz / within_zz, within_yy) as yy
    from summed

),

fitted as (

    -- Correlations on Fisher's scale, where intervals are symmetric.
    select
        controlled.*,
        described.kind,
        case described.kind
            when 'slope' then if(controlled.is_constant, null, safe_divide(controlled.xy, controlled.xx))
            when 'correlation'
                then if(
                    controlled.is_constant or controlled.xx * controlled.yy <= controlled.xy * controlled.xy,
                    null,
                    0.5 * ln(
                        (sqrt(controlled.xx * controlled.yy) + controlled.xy)
                        / (sqrt(controlled.xx * controlled.yy) - controlled.xy)
                    )
                )
            when 'mean' then safe_divide(controlled.sy, controlled.n)
            when 'explained'
                then 100 * (1 - safe_divide(
                    controlled.within_yy, controlled.raw_yy - controlled.sy * controlled.sy / controlled.n
                ))
        end as value
    from controlled
    inner join described on controlled.series = described.series

),

whole as (

    select
        *,
        case kind
            when 'slope' then safe_divide(yy - safe_divide(xy * xy, xx), xx * (n - group_count - 1 - controls))
            when 'mean' then safe_divide(within_yy, n * (n - 1))
        end as independent_variance
    from fitted
    where block is null

),

replicates as (

    -- Blocks are not of one size: h is the whole over the block (Busing, Meijer and van der Leeden 1999).
    select
        fitted.series,
        fitted.value,
        whole.value as whole_value,
        whole.n - fitted.n as block_days,
        whole.n / (whole.n - fitted.n) as h
    from fitted
    inner join whole on fitted.series = whole.series
    where fitted.block is not null

),

pseudo as (

    select
        series,
        h,
        block_days,
        value,
        h * whole_value - (h - 1) * value as pseudo_value,
        max(block_days) over (partition by series) as largest_block,
        sum(whole_value - (1 - 1 / h) * value) over (partition by series) as jackknife_value
    from replicates

),

jackknifed as (

    -- A block without which nothing can be estimated leaves no interval.
    select
        series,
        countif(2 * block_days >= largest_block) as blocks,
        if(
            countif(value is null) = 0,
            avg((pseudo_value - jackknife_value) * (pseudo_value - jackknife_value) / (h - 1)),
            null
        ) as variance
    from pseudo
    group by series

),

judged as (

    select
        described.*,
        whole.value,
        whole.independent_variance,
        jackknifed.variance,
        case
            when described.days = 0 then if(starts_with(described.method, 'anomaly'), 'too_few_years', 'no_data')
            when described.days < described.minimum then 'too_few_days'
            when whole.value is null then 'constant'
            when coalesce(jackknifed.blocks, 0) < described.least_blocks or jackknifed.variance is null
                then if(described.blocks_are_years, 'too_few_years', 'too_few_days')
        end as reason,
        {{ t_quantile('jackknifed.blocks - 1') }} * sqrt(jackknifed.variance) as half_width
    from described
    left join whole on described.series = whole.series
    left join jackknifed on described.series = jackknifed.series

),

bounded as (

    -- Back from Fisher's scale; a share has no bound outside 0 to 100 %. Rounded: floats added in another order differ in
    -- the last digits.
    select
        question,
        part,
        method,
        period_kind,
        period,
        first_day,
        last_day,
        days,
        maturity,
        reason,
        {% for name, value in [
            ('estimate', 'value'), ('lower', 'value - half_width'), ('upper', 'value + half_width'),
        ] -%}
        if(
            reason is null,
            round(
                case
                    when kind = 'correlation' then tanh({{ value }})
                    when kind = 'explained' or method = 'season_share' then greatest(least({{ value }}, 100), 0)
                    else {{ value }}
                end, 6
            ),
            null
        ) as {{ name }},
        {% endfor -%}
        if(
            reason is null,
            round(
                case kind
                    when 'correlation' then least(days, 3 + safe_divide(1, variance))
                    when 'explained' then null
                    else least(days, safe_divide(days * independent_variance, variance))
                end, 1
            ),
            null
        ) as effective_n
    from judged

)

select * from bounded
