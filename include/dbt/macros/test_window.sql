{#- Data tests look where a run has written: at the months of its window, by the column the model or source is
    partitioned by or, for a view over such a table, names in meta `window_column`. What stands outside the
    window was tested when it was written. Without a window (`dbt build` by hand) they look everywhere. -#}
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
      {% if var('window_start', none) -%}
      {{ column }} >= date '{{ bounds.first }}' and {{ column }} < date '{{ bounds.next }}'
      {%- else -%}
      {{ column }} >= date '{{ beginning() }}'
      {%- endif %}
  ) as in_window
{%- endmacro %}

{#- Column of days of what the current test tests; none when it has none. -#}
{% macro _window_column() %}
  {%- set tested = graph.nodes.get(model.attached_node) -%}
  {%- if tested -%}
    {{ return((tested.config.partition_by or {}).field or tested.config.meta.window_column) }}
  {%- endif -%}
  {%- set source = graph.sources.get(model.depends_on.nodes | first) -%}
  {{ return(source.config.meta.odre.partition_by.field if source else none) }}
{% endmacro %}
