{#- Before the first day of any dataset. A large table is not read without a bound on its partitions. -#}
{% macro beginning() %}{{ return('2010-11-01') }}{% endmacro %}

{#- The months a run rebuilds: those its window touches (vars window_start, window_end: ISO dates, both
    included), or the whole history when it has none. Whole months, because months are the partitions. -#}
{% macro window_bounds() %}
  {%- set modules_datetime = modules.datetime -%}
  {%- set start = modules_datetime.date.fromisoformat(var('window_start', beginning())) -%}
  {%- set today = run_started_at.date().isoformat() -%}
  {%- set end = modules_datetime.date.fromisoformat(var('window_end', today)) -%}
  {%- set first = start.replace(day=1) -%}
  {%- set next = (end.replace(day=28) + modules_datetime.timedelta(days=4)).replace(day=1) -%}
  {{ return({'first': first, 'next': next}) }}
{% endmacro %}

{% macro window_partitions() %}
  {%- set bounds = window_bounds() -%}
  {%- set months = [] -%}
  {%- for n in range((bounds.next.year - bounds.first.year) * 12 + bounds.next.month - bounds.first.month) -%}
    {%- set month = bounds.first.month - 1 + n -%}
    {%- do months.append("date '%04d-%02d-01'" % (bounds.first.year + month // 12, month % 12 + 1)) -%}
  {%- endfor -%}
  {{ return(months) }}
{% endmacro %}

{#- Condition that keeps the rebuilt months of `column`; the whole history when the table is built from scratch. -#}
{% macro in_window(column) %}
  {%- if is_incremental() -%}
    {%- set bounds = window_bounds() -%}
    {{ column }} >= date '{{ bounds.first }}' and {{ column }} < date '{{ bounds.next }}'
  {%- else -%}
    {{ column }} >= date '{{ beginning() }}'
  {%- endif -%}
{% endmacro %}
