{#- dbt replaces partitions with one MERGE, for which BigQuery reads only the partitions that the MERGE names. The
    emulator has no partitions: for `not matched by source` it joins the whole table, which takes six seconds for the
    quarter-hours of twelve years. On target local this macro therefore deletes and inserts the same rows in one
    transaction. The tests set the variable `as_on_bigquery`, so that dbt writes the statement for BigQuery and Google's
    analyzer reads it. -#}
{% macro bigquery__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header) -%}
  {#- The argument `target` is the table. dbt's own variable of that name, the target of the profile, is
      `builtins.target` here. -#}
  {%- if builtins.target.name != 'local' or var('as_on_bigquery', false) -%}
    {{ return(default__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header)) }}
  {%- endif -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) %}
  begin transaction;
  delete from {{ target }} as DBT_INTERNAL_DEST where {{ predicates | join(' and ') }};
  insert into {{ target }} ({{ columns }}) select {{ columns }} from {{ source }} as DBT_INTERNAL_SOURCE;
  commit transaction;
{%- endmacro %}
