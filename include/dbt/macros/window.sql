{#- First day of the months that a run rebuilds, and first day after them, as `first` and `next`. A run rebuilds the
    months that its window touches, because months are the partitions. The environment's variables ECO2MIX_WINDOW_START
    and ECO2MIX_WINDOW_END are the first and last day of the window; without them, or when they are empty, the run
    rebuilds all of history up to the end of next year, because forecasts reach beyond today. -#}
{% macro window_bounds() %}
  {%- set modules_datetime = modules.datetime -%}
  {%- set start = modules_datetime.date.fromisoformat(env_var('ECO2MIX_WINDOW_START', '') or beginning()) -%}
  {%- set far = '%04d-12-31' % (run_started_at.year + 1) -%}
  {%- set end = modules_datetime.date.fromisoformat(env_var('ECO2MIX_WINDOW_END', '') or far) -%}
  {%- set first = start.replace(day=1) -%}
  {%- set next = (end.replace(day=28) + modules_datetime.timedelta(days=4)).replace(day=1) -%}
  {{ return({'first': first, 'next': next}) }}
{% endmacro %}

{#- The months that a run rebuilds, as the list of partitions that dbt's `insert_overwrite` replaces. The materialization of
    incremental models calls it when it runs. In the config of a model it would be read with the project, which dbt keeps
    from one command to the next. -#}
{% macro window_partitions() %}
  {%- set bounds = window_bounds() -%}
  {%- set months = [] -%}
  {%- for n in range((bounds.next.year - bounds.first.year) * 12 + bounds.next.month - bounds.first.month) -%}
    {%- set month = bounds.first.month - 1 + n -%}
    {%- do months.append("date '%04d-%02d-01'" % (bounds.first.year + month // 12, month % 12 + 1)) -%}
  {%- endfor -%}
  {{ return(months) }}
{% endmacro %}

{#- Replaces dbt's own macro of this name, which asks BigQuery at every call. This one asks once for an incremental model,
    and never for others. -#}
{% macro is_incremental() %}
  {%- if not execute or model.config.materialized != 'incremental' or should_full_refresh() -%}{{ return(false) }}{%- endif -%}
  {%- set found = standing() -%}
  {{ return(found is not none and found.table_type == 'TABLE') }}
{% endmacro %}

{#- The table or view that BigQuery has under the name of the model, or none. BigQuery is asked once while the model is
    compiled, and once while it is built. -#}
{% macro standing() %}
  {%- if 'standing' not in model -%}
    {%- do model.update({'standing': adapter.get_bq_table(this)}) -%}
  {%- endif -%}
  {{ return(model.standing) }}
{% endmacro %}

{#- Condition that `column` lies in the months that the run rebuilds, or anywhere in history when the table is built from
    scratch. -#}
{% macro in_window(column) %}
  {%- if is_incremental() -%}
    {%- set bounds = window_bounds() -%}
    {{ column }} >= date '{{ bounds.first }}' and {{ column }} < date '{{ bounds.next }}'
  {%- else -%}
    {{ column }} >= date '{{ beginning() }}'
  {%- endif -%}
{% endmacro %}
