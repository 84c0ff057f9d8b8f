{% set products = [('x', 'x'), ('x', 'y'), ('x', 'z'), ('y', 'y'), ('y', 'z'), ('z', 'z')] %}
{%- set sums = ['n', 'sx', 'sy', 'sz', 'sxx', 'sxy', 'sxz', 'syy', 'syz', 'szz'] %}

with

sums as (

    select * from {{ ref('int_answers_sums') }}
    where n > 0

),

described as (

    select * from {{ ref('int_answers_periods') }}

),

cells as (

    -- The sums of every block, which is a year or a finer block.
    select
        sums.series,
        sums.group_key,
        if(described.blocks_are_years, cast(sums.block_year as string), sums.fine_block) as block,
        {% for name in sums -%}
        {{ 'sum(sums.n)' if name == 'n' else exact_fine_sum('sums.' ~ name) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from sums
    inner join described on sums.series = described.series
    group by sums.series, sums.group_key, block

),

grouped as (

    select
        series,
        group_key,
        {% for name in sums -%}
        {{ 'sum(n)' if name == 'n' else exact_fine_sum(name) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from cells
    group by series, group_key

),

left_out as (

    -- Each block left out once; null leaves out none.
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
        grouped.{{ name }} - coalesce(cells.{{ name }}, 0) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from left_out
    inner join grouped on left_out.series = grouped.series
    left join cells
        on
            grouped.series = cells.series
            and grouped.group_key = cells.group_key
            and left_out.block = cells.block
    where grouped.n > coalesce(cells.n, 0)

),

summed as (

    -- Sums of products within groups, without the mean of each group.
    select
        series,
        block,
        count(*) as group_count,
        sum(n) as n,
        {{ exact_fine_sum('sy') }} as sy,
        {{ exact_fine_sum('sxx') }} as raw_xx,
        {{ exact_fine_sum('syy') }} as raw_yy,
        {{ exact_fine_sum('szz') }} as raw_zz,
        {% for a, b in products -%}
        {{ exact_fine_sum('s' ~ a ~ b ~ ' - s' ~ a ~ ' * s' ~ b ~ ' / n') }} as within_{{ a }}{{ b }}{{ ',' if not loop.last }}
        {% endfor %}
    from remaining
    group by series, block

),

controlled as (

    -- The part that the control explains is taken out of x and y (Frisch, Waugh and Lovell).
    select
        *,
        raw_yy - sy * sy / n as total_yy,
        if(within_zz > 1e-9 * raw_zz, 1, 0) as controls,
        if(within_zz > 1e-9 * raw_zz, within_xx - within_xz * within_xz / within_zz, within_xx) as xx,
        if(within_zz > 1e-9 * raw_zz, within_xy - within_xz * within_yz / within_zz, within_xy) as xy,
        if(within_zz > 1e-9 * raw_zz, within_yy - within_yz * within_yz / within_zz, within_yy) as yy
    from summed

),

varying as (

    -- The variance of a constant is not exactly zero, because of rounding. A perfect correlation is cut to just below 1,
    -- because its transform would be infinite.
    select
        *,
        xx <= 1e-9 * raw_xx or yy <= 1e-9 * raw_yy as is_constant,
        greatest(least(safe_divide(xy, sqrt(greatest(xx, 0) * greatest(yy, 0))), 1 - 1e-12), 1e-12 - 1) as r
    from controlled

),

fitted as (

    -- Correlations on Fisher's scale, where intervals are symmetric.
    select
        varying.*,
        described.kind,
        case described.kind
            when 'slope' then if(varying.is_constant, null, safe_divide(varying.xy, varying.xx))
            when 'correlation' then if(varying.is_constant, null, 0.5 * ln((1 + varying.r) / (1 - varying.r)))
            when 'mean' then safe_divide(varying.sy, varying.n)
            when 'explained'
                then if(
                    varying.total_yy <= 1e-9 * varying.raw_yy,
                    null,
                    100 * (1 - safe_divide(varying.within_yy, varying.total_yy))
                )
        end as value
    from varying
    inner join described on varying.series = described.series

)

select
    series,
    block,
    kind,
    value,
    n,
    group_count,
    controls,
    within_yy,
    xx,
    xy,
    yy
from fitted
