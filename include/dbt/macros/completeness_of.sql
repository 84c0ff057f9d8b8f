{#- The body of a model `completeness_<table>`: for every day with rows in the landing table, the number of values that
    are there and the number that should be. It rests on nothing but the contract:

    - an entity (a region, say) is given by the key columns other than the day and the clock time;
    - an entity that the contract declares is expected on the days of its service, and others are not counted; when the
      contract declares none, an entity is expected from the first day on which the table has a value of it;
    - a clock time is expected from the first day on which the table has a value at it, for every entity, except those
      that do not exist on the day when clocks go forward.

    A dataset about which more is known (which sites have left service, which steps are forecasts) has a model of its
    own with the same name and columns instead:

    local_date   day
    received     values that are there
    expected     values that should be there; null when nothing is known about the day
    missing      the values that are missing, in words; null when none are
    implausible  the values that are there and cannot be right, in words; null when there are none, or when the dataset
                 has no bounds
    late         the reason that `completeness_daily` gives for missing values; null for its general reason -#}
{% macro completeness_of(table) %}
  {#- The contract is in the graph only when dbt executes; until then any column serves. -#}
  {%- set contract = _contract_of(table) if execute
      else {'date_column': 'date', 'observed_column': 'date', 'key': ['date'], 'clock': none, 'timezone': 'UTC'} -%}
  {%- set clock = contract.clock.time if contract.clock else none -%}
  {%- set entities = contract.key | reject('in', [contract.date_column, clock]) | list %}
  {%- set declared = (contract.get('entities') or {}).get('column') %}
  {#- When the key has further columns beside the declared one, the values to expect in them are not known. -#}
  {%- set is_declared = declared and entities == [declared] %}

with
{% if declared %}
declared as (

    {{ declared_entities(table) }}

),
{% endif %}
landed as (

    select
        {{ contract.date_column }} as local_date,
        {{ _joined(entities) }} as entity,
        {{ clock or "''" }} as clock_time,
        {{ contract.observed_column }} is not null as is_observed
    from {{ source('odre', table) }}
    where
        {{ contract.date_column }} >= date '{{ beginning() }}'
        {%- if declared %}
        and cast({{ declared }} as string) in (select declared.entity from declared)
        {%- endif %}

),

real as (

    -- On the day when clocks go forward the hour from 02:00 does not exist.
    select
        landed.local_date,
        landed.entity,
        landed.clock_time,
        landed.is_observed
    from landed
    {%- if clock %}
    where not ({{ _is_skipped('landed.local_date', 'landed.clock_time', contract.timezone) }})
    {%- endif %}

),

days as (

    select distinct local_date from real

),

entities as (
    {% if is_declared %}
    select
        entity,
        label,
        since,
        until
    from declared
    {% else %}
    select
        entity,
        entity as label,
        min(local_date) as since,
        cast(null as date) as until
    from real
    where is_observed
    group by entity
    {% endif %}
),

clock_times as (

    select
        clock_time,
        min(local_date) as first_day
    from real
    where is_observed
    group by clock_time

),

expected as (

    select
        days.local_date,
        entities.entity,
        entities.label,
        clock_times.clock_time
    from days
    inner join entities on {{ in_service('entities', 'days.local_date') }}
    inner join clock_times on days.local_date >= clock_times.first_day
    {%- if clock %}
    where not ({{ _is_skipped('days.local_date', 'clock_times.clock_time', contract.timezone) }})
    {%- endif %}

),

counted as (

    select
        expected.local_date,
        expected.entity,
        expected.label,
        count(*) as expected,
        countif(real.is_observed) as received
    from expected
    left join real
        on
            expected.local_date = real.local_date
            and expected.entity = real.entity
            and expected.clock_time = real.clock_time
    group by expected.local_date, expected.entity, expected.label

),

compared as (

    select
        days.local_date,
        coalesce(sum(counted.received), 0) as received,
        sum(counted.expected) as expected,
        string_agg(
            if(
                counted.received < counted.expected,
                concat(counted.label, {{ "' (', cast(counted.expected - counted.received as string), ')'" if clock else "''" }}),
                null
            ),
            ', ' order by counted.entity
        ) as missing,
        cast(null as string) as implausible,
        cast(null as string) as late
    from days
    left join counted on days.local_date = counted.local_date
    group by days.local_date

)

select * from compared
{% endmacro %}

{#- The contract of a landing table. -#}
{% macro _contract_of(table) %}
  {%- for source in graph.sources.values() if source.source_name == 'odre' and source.name == table -%}
    {{ return(source.config.meta.odre) }}
  {%- endfor -%}
  {{ exceptions.raise_compiler_error('completeness_of: no contract describes the table ' ~ table) }}
{% endmacro %}

{#- Columns as one text; a dataset without entities is one entity, `values`. -#}
{% macro _joined(columns) -%}
  {%- if not columns -%}
    'values'
  {%- else -%}
    concat({% for column in columns %}cast({{ column }} as string){{ ", ' ', " if not loop.last }}{% endfor %})
  {%- endif -%}
{%- endmacro %}

{#- Whether a clock time `HH:MM` does not exist on a day, because clocks go forward from 02:00 to 03:00 on it. -#}
{% macro _is_skipped(day, clock_time, timezone) -%}
  starts_with({{ clock_time }}, '02:') and {{ hours_in_day(day, timezone) }} = 23
{%- endmacro %}
