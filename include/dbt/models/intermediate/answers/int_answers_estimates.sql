{{ config(materialized='ephemeral') }}

{%- set products = [('x', 'x'), ('x', 'y'), ('x', 'z'), ('y', 'y'), ('y', 'z'), ('z', 'z')] %}
{%- set sums = ['n', 'sx', 'sy', 'sz', 'sxx', 'sxy', 'sxz', 'syy', 'syz', 'szz'] %}

with

observations as (

    select * from {{ ref('int_answers_observations') }}

),

known as (

    select
        *,
        coalesce(z, 0) as control
    from observations
    where is_known

),

counted as (

    select
        question,
        part,
        method,
        period_kind,
        period,
        any_value(kind) as kind,
        any_value(fine) as fine,
        any_value(minimum) as minimum,
        countif(is_known) as days,
        min(if(is_known, local_date, null)) as first_day,
        max(if(is_known, local_date, null)) as last_day,
        {{ maturity_of('if(is_known, maturity, null)') }} as maturity,
        count(distinct if(is_known, block_year, null)) as years
    from observations
    group by question, part, method, period_kind, period

),

cells as (

    -- Everything an estimate is made of, per block and group. Blocks are years where there are five of them.
    select
        known.question,
        known.part,
        known.method,
        known.period,
        known.group_key,
        if(
            counted.fine is null or counted.years >= 5, cast(known.block_year as string), known.fine_block
        ) as block,
        count(*) as n,
        sum(known.x) as sx,
        sum(known.y) as sy,
        sum(known.control) as sz,
        sum(known.x * known.x) as sxx,
        sum(known.x * known.y) as sxy,
        sum(known.x * known.control) as sxz,
        sum(known.y * known.y) as syy,
        sum(known.y * known.control) as syz,
        sum(known.control * known.control) as szz
    from known
    inner join counted
        on
            known.question = counted.question
            and known.part = counted.part
            and known.method = counted.method
            and known.period = counted.period
    group by known.question, known.part, known.method, known.period, known.group_key, block

),

groups as (

    select
        question,
        part,
        method,
        period,
        group_key,
        {% for name in sums -%}
        sum({{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from cells
    group by question, part, method, period, group_key

),

left_out as (

    -- Every block once, and none (null).
    select distinct
        question,
        part,
        method,
        period,
        block
    from cells
    union all
    select distinct
        question,
        part,
        method,
        period,
        cast(null as string) as block
    from cells

),

remaining as (

    select
        left_out.question,
        left_out.part,
        left_out.method,
        left_out.period,
        left_out.block,
        {% for name in sums -%}
        groups.{{ name }} - coalesce(cells.{{ name }}, 0) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from left_out
    inner join groups
        on
            left_out.question = groups.question
            and left_out.part = groups.part
            and left_out.method = groups.method
            and left_out.period = groups.period
    left join cells
        on
            groups.question = cells.question
            and groups.part = cells.part
            and groups.method = cells.method
            and groups.period = cells.period
            and groups.group_key = cells.group_key
            and left_out.block = cells.block
    where groups.n > coalesce(cells.n, 0)

),

summed as (

    -- Within groups: what is left after every group's own mean.
    select
        question,
        part,
        method,
        period,
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
    group by question, part, method, period, block

),

controlled as (

    -- What the control explains leaves x and y (Frisch, Waugh and Lovell). What is left of a constant is rounding, no
    -- variance.
    select
        *,
        within_xx <= 1e-9 * raw_xx or within_yy <= 1e-9 * raw_yy as is_constant,
        if(within_zz > 1e-9 * raw_zz, within_xx - within_xz * within_xz / within_zz, within_xx) as xx,
        if(within_zz > 1e-9 * raw_zz, within_xy - within_xz * within_yz / within_zz, within_xy) as xy,
        if(within_zz > 1e-9 * raw_zz, within_yy - within_yz * within_yz / within_zz, within_yy) as yy
    from summed

),

replicates as (

    -- Correlations on Fisher's scale, where intervals are symmetric.
    select
        controlled.*,
        counted.kind,
        case counted.kind
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
    inner join counted
        on
            controlled.question = counted.question
            and controlled.part = counted.part
            and controlled.method = counted.method
            and controlled.period = counted.period

),

centres as (

    select
        question,
        part,
        method,
        period,
        avg(value) as mean_value
    from replicates
    where block is not null
    group by question, part, method, period

),

jackknifed as (

    -- Künsch (1989): the spread of the estimates that leave out one block each.
    select
        replicates.question,
        replicates.part,
        replicates.method,
        replicates.period,
        count(replicates.block) as blocks,
        max(if(replicates.block is null, replicates.value, null)) as value,
        -- A block without which nothing can be estimated leaves no interval.
        if(
            countif(replicates.block is not null and replicates.value is null) = 0,
            safe_divide(count(replicates.block) - 1, count(replicates.block)) * sum(
                if(
                    replicates.block is null,
                    0,
                    (replicates.value - centres.mean_value) * (replicates.value - centres.mean_value)
                )
            ),
            null
        ) as variance,
        max(
            if(
                replicates.block is null,
                case replicates.kind
                    when 'slope'
                        then safe_divide(
                            replicates.yy - safe_divide(replicates.xy * replicates.xy, replicates.xx),
                            replicates.xx * (replicates.n - replicates.group_count - 1)
                        )
                    when 'mean'
                        then safe_divide(replicates.within_yy, replicates.n * (replicates.n - 1))
                end,
                null
            )
        ) as independent_variance
    from replicates
    left join centres
        on
            replicates.question = centres.question
            and replicates.part = centres.part
            and replicates.method = centres.method
            and replicates.period = centres.period
    group by replicates.question, replicates.part, replicates.method, replicates.period

),

judged as (

    select
        counted.*,
        jackknifed.value,
        jackknifed.variance,
        jackknifed.independent_variance,
        case
            when counted.days = 0 then if(starts_with(counted.method, 'anomaly'), 'too_few_years', 'no_data')
            when counted.days < counted.minimum then 'too_few_days'
            when jackknifed.value is null then 'constant'
            when (counted.fine is null or counted.years >= 5) and counted.years < 4 then 'too_few_years'
            when counted.fine is not null and counted.years < 5 and jackknifed.blocks < 6 then 'too_few_days'
            when jackknifed.variance is null then 'too_few_years'
        end as reason,
        {{ t_quantile('jackknifed.blocks - 1') }} * sqrt(jackknifed.variance) as half_width
    from counted
    left join jackknifed
        on
            counted.question = jackknifed.question
            and counted.part = jackknifed.part
            and counted.method = jackknifed.method
            and counted.period = jackknifed.period

),

bounded as (

    -- Back from Fisher's scale. Rounded: floats added in another order differ in the last digits.
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
            reason is null, round(if(kind = 'correlation', tanh({{ value }}), {{ value }}), 6), null
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
