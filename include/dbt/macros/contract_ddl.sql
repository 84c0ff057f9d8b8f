{#- The emulator has no `create table (columns) as select`. On target local a contract is therefore checked
    (dbt compares the columns of the query with the YAML first) and the table takes its columns from the
    query; on BigQuery dbt's own DDL stands. -#}
{% macro bigquery__get_table_columns_and_constraints() -%}
  {%- if target.name != 'local' -%}
    {{ return(default__get_table_columns_and_constraints()) }}
  {%- endif -%}
{%- endmacro %}
