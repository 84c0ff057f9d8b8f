{% set lowest = "if(kind = 'mean', lowest_y, if(not has_years, least_value, null))" %}
{%- set highest = "if(kind = 'mean', highest_y, if(not has_years, greatest_value, null))" %}

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

    -- Blocks differ in size: h is the number of all observations over that of the block (Busing, Meijer and van der
    -- Leeden 1999).
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
        {{ exact_fine_sum('whole_value - (1 - 1 / h) * value', over='(partition by series)') }} as jackknife_value
    from replicates

),

jackknifed as (

    -- When nothing can be estimated without some block, there is no interval.
    select
        series,
        countif(2 * block_days >= largest_block) as blocks,
        min(value) as least_value,
        max(value) as greatest_value,
        if(
            countif(value is null) = 0,
            {{ exact_fine_sum('(pseudo_value - jackknife_value) * (pseudo_value - jackknife_value) / (h - 1)') }} / count(*),
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
        jackknifed.least_value,
        jackknifed.greatest_value,
        case
            when described.days = 0
                then case
                    when starts_with(described.method, 'anomaly') then 'too_few_years'
                    when described.method = 'annual_phase' then 'constant'
                    when described.method = 'within_month_above_threshold' then 'no_threshold'
                    else 'no_data'
                end
            when described.days < described.minimum then 'too_few_days'
            when whole.value is null then 'constant'
            when coalesce(jackknifed.blocks, 0) < described.least_blocks or jackknifed.variance is null
                then if(described.blocks_are_years, 'too_few_years', 'too_few_days')
        end as reason,
        {{ t_quantile('jackknifed.blocks - 1') }} * sqrt(jackknifed.variance) as half_width,
        case described.together
            {% for parts in [12, 32] -%}
            when {{ parts }} then {{ t_quantile('jackknifed.blocks - 1', parts) }} * sqrt(jackknifed.variance)
            {% endfor -%}
        end as joint_half_width
    from described
    left join whole on described.series = whole.series
    left join jackknifed on described.series = jackknifed.series

),

bounded as (

    -- Correlations come back from Fisher's scale, and bounds of shares are cut to 0 to 100 %. Where single years have no
    -- estimate of their own, the range is that of the years of which a mean is made, or of the estimates with one year
    -- left out.
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
            ('joint_lower', 'value - joint_half_width'), ('joint_upper', 'value + joint_half_width'),
            ('lowest', lowest), ('highest', highest),
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
