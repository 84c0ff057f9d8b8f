{#- Limits data tests to the rows that a run has written. A landing table and an incremental model are written in the
    months of the run's window only, so their tests read those months, by the column they are partitioned by; a view
    over such a table names the column in its meta `window_column`. Rows outside the window were tested when they were
    written. All other models are rebuilt and tested as a whole. Without a window (`dbt build` by hand) tests read
    everything. -#}
{% macro bigquery__get_where_subquery(relation) -%}
  {%- set column = _window_column() if execute else none -%}
  {%- if not column -%}
    {{ return(default__get_where_subquery(relation)) }}
  {%- endif -%}
  {%- if config.get('where') -%}
    {{ exceptions.raise_compiler_error('a test of a windowed model has no `where` of its own: ' ~ model.name) }}
  {%- endif -%}
  {%- set bounds = window_bounds() -%}
  (
    select * from {{ relation }}
    where
      {% if env_var('ECO2MIX_WINDOW_START', '') -%}
      {{ column }} >= date '{{ bounds.first }}' and {{ column }} < date '{{ bounds.next }}'
      {%- else -%}
      {{ column }} >= date '{{ beginning() }}'
      {%- endif %}
  ) as in_window
{%- endmacro %}

{#- Column of days that bounds the current test; none when the test reads everything. -#}
{% macro _window_column() %}
  {%- set tested = graph.nodes.get(model.attached_node) -%}
  {%- if tested -%}
    {%- if tested.config.materialized == 'incremental' -%}
      {{ return(tested.config.partition_by.field) }}
    {%- endif -%}
    {{ return(tested.config.meta.window_column) }}
  {%- endif -%}
  {%- set source = graph.sources.get(model.depends_on.nodes | first) -%}
  {{ return(source.config.meta.odre.partition_by.field if source else none) }}
{% endmacro %}
