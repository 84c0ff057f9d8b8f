{{ config(materialized='ephemeral') }}

with

described as (

    select * from {{ ref('int_answers_periods') }}

),

fitted as (

    select * from {{ ref('int_answers_fits') }}

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
