with

loads as (

    select
        table_name,
        load_id,
        asked_at,
        merged_at,
        answered,
        days_set_aside,
        held_back,
        days_undecided
    from {{ source('pipeline', 'load_ledger') }}
    where asked_at is not null

),

said as (

    -- The statement of each load about a day: either that something of the day was left out, or that the day was
    -- answered or decided.
    {% for days, is_record, is_left_out in [
        ('days_undecided', false, true),
        ('days_set_aside', false, false),
        ('answered', true, false),
        ('held_back', true, false),
    ] -%}
    select
        loads.table_name,
        loads.asked_at,
        loads.merged_at,
        loads.load_id,
        {{ 'day.local_date' if is_record else 'day as local_date' }},
        {{ is_left_out | lower }} as is_left_out
    from loads
    cross join unnest(loads.{{ days }}) as day
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

newest as (

    -- For each day the load whose source was asked last counts, even when another load was merged after it. Of a load
    -- that was merged again, the last merge counts.
    select
        *,
        row_number() over (
            partition by table_name, local_date order by asked_at desc, merged_at desc, load_id desc, is_left_out desc
        ) as place
    from said

),

set_aside as (

    select
        table_name as source_table,
        local_date
    from newest
    where place = 1 and is_left_out

)

select * from set_aside
