{#- The emulator cannot run `create table (columns) as select`, which dbt writes for a model with a contract. On target
    local this macro leaves the list of columns out, and the table takes its columns from the query. The contract is
    still enforced there, because dbt compares the columns of the query with the YAML before it creates the table. On
    BigQuery dbt's own statement is used. -#}
{% macro bigquery__get_table_columns_and_constraints() -%}
  {%- if target.name != 'local' -%}
    {{ return(default__get_table_columns_and_constraints()) }}
  {%- endif -%}
{%- endmacro %}
