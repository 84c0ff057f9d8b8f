{#- Data tests look where a run has written: at the months of its window, by the column the model is
    partitioned by or, for a view over such a model, names in meta `window_column`. What stands outside the
    window was tested when it was written. Without a window (`dbt build` by hand) they look everywhere. -#}
{% macro bigquery__get_where_subquery(relation) -%}
  {%- set tested = (graph.nodes if execute else {}).get(model.attached_node) -%}
  {%- set partition = (tested.config.partition_by or {}) if tested else {} -%}
  {%- set column = partition.field or (tested.config.meta.window_column if tested else none) -%}
  {%- if not (column and var('window_start', none)) -%}
    {{ return(default__get_where_subquery(relation)) }}
  {%- endif -%}
  {%- if config.get('where') -%}
    {{ exceptions.raise_compiler_error('a test of a windowed model has no `where` of its own: ' ~ model.name) }}
  {%- endif -%}
  {%- set bounds = window_bounds() -%}
  (
    select * from {{ relation }}
    where {{ column }} >= date '{{ bounds.first }}' and {{ column }} < date '{{ bounds.next }}'
  ) as in_window
{%- endmacro %}
