with

reports as (

    {% for table in datasets() -%}
    select
        '{{ table }}' as source_table,
        local_date,
        received,
        expected,
        missing,
        implausible,
        late
    from {{ ref('completeness_' ~ table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

spans as (

    select
        source_table,
        min(local_date) as first_day,
        -- A dataset in which no day has a value is listed too.
        coalesce(max(if(received > 0, local_date, null)), max(local_date)) as last_day
    from reports
    group by source_table

),

newest as (

    select max(last_day) as last_day from spans

),

set_aside as (

    select * from {{ ref('int_days_set_aside') }}

),

calendar as (

    -- Days that are set aside are added, because a day whose rows were all left out may lie outside these spans.
    select
        spans.source_table,
        local_date
    from spans
    cross join newest
    cross join unnest(generate_date_array(spans.first_day, newest.last_day)) as local_date
    union distinct
    select
        source_table,
        local_date
    from set_aside

),

explained as (

    select
        calendar.local_date,
        calendar.source_table,
        coalesce(reports.received, 0) as received,
        reports.expected,
        coalesce(reports.received = reports.expected, false) as is_complete,
        set_aside.local_date is not null as is_set_aside,
        case
            when set_aside.local_date is not null then 'newest answer set aside'
            when reports.received = reports.expected then null
            when calendar.local_date > spans.last_day then 'not published yet, or not loaded'
            when reports.local_date is null then 'absent from the source, or not loaded'
            when calendar.local_date = spans.last_day then 'being published'
            when reports.implausible is not null and reports.missing is null then 'implausible at the source'
            else coalesce(reports.late, 'incomplete at the source')
        end as reason,
        if(reports.local_date is null, 'the whole day', reports.missing) as missing,
        reports.implausible
    from calendar
    left join reports
        on
            calendar.source_table = reports.source_table
            and calendar.local_date = reports.local_date
    left join spans on calendar.source_table = spans.source_table
    left join set_aside
        on
            calendar.source_table = set_aside.source_table
            and calendar.local_date = set_aside.local_date

)

select * from explained
