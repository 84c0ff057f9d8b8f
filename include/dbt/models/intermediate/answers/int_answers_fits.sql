{{ config(materialized='ephemeral') }}

{%- set products = [('x', 'x'), ('x', 'y'), ('x', 'z'), ('y', 'y'), ('y', 'z'), ('z', 'z')] %}
{%- set sums = ['n', 'sx', 'sy', 'sz', 'sxx', 'sxy', 'sxz', 'syy', 'syz', 'szz'] %}

with

observations as (

    select * from {{ ref('int_answers_observations') }}

),

described as (

    select * from {{ ref('int_answers_periods') }}

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

grouped as (

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
