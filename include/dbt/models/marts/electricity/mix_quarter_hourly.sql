{{ config(materialized='incremental', require_partition_filter=true, cluster_by=['started_at']) }}

{%- set sources = measures(['source']) %}

with

steps as (

    select * from {{ ref('int_mix_steps') }}
    where {{ in_window('local_date') }}

),

days as (

    -- The hours that a step of the day stands for.
    select
        local_date as day,
        any_value(hours_in_day)
        / ({{ expected_steps(
            written_hours('any_value(hours_in_day)'),
            is_quarter_hourly('consumption_mw is not null', 'substr(clock_time, 4, 2)')
        ) }}) as hours
    from steps
    group by local_date

),

{{ spikes_of('steps') }},

plausible as (

    -- An implausible value is null here, and so is every sum of which it is part; staging has it as it came.
    select
        steps.started_at,
        steps.local_date,
        steps.clock_time,
        steps.maturity,
        days.hours,
        {% for measure in measures(['consumption', 'source', 'storage', 'exchange', 'border', 'intensity']) -%}
        {%- if measure.usual or measure.spike -%}
        if({{ is_implausible(measure) }}, null, steps.{{ measure.name }}) as {{ measure.name }},
        {%- else -%}
        steps.{{ measure.name }},
        {%- endif %}
        {% endfor -%}
        not (
            {%- for measure in bounded_measures(['consumption', 'source', 'storage', 'exchange', 'border', 'intensity']) %}
            {{ 'or ' if not loop.first }}{{ is_implausible(measure) }}
            {%- else %}
            false
            {%- endfor %}
        ) as is_plausible
    from steps
    inner join days on steps.local_date = days.day
    left join spikes
        on
            steps.local_date = spikes.local_date
            and steps.clock_time = spikes.clock_time
    where steps.consumption_mw is not null

),

observed as (

    select
        *,
        {{ sum_of(sources) }} as production_mw
    from plausible

),

measured as (

    select
        started_at,
        local_date,
        clock_time,
        maturity,
        hours,
        is_plausible,
        consumption_mw,
        consumption_mw * hours as consumption_mwh,
        production_mw,
        production_mw * hours as production_mwh,
        {% for measure in sources -%}
        {{ measure.name }},
        {{ measure.name }} * hours as {{ energy_name(measure) }},
        safe_divide({{ measure.name }}, production_mw) as {{ share_name(measure) }},
        {% endfor -%}
        {% for measure in measures(['storage', 'exchange', 'border']) -%}
        {{ measure.name }},
        {% endfor -%}
        co2_g_per_kwh
    from observed

)

select * from measured
