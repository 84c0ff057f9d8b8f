{#- Declares columns and their descriptions in as few requests to BigQuery as possible. -#}

{#- The columns of a table whose contract is enforced: names, types, constraints and descriptions. A description that is
    a part of the DDL needs no call of its own after the table is built. -#}
{% macro bigquery__get_table_columns_and_constraints() -%}
  {%- set described = model.columns.values() | list %}
  (
    {%- for column in adapter.render_raw_columns_constraints(raw_columns=model.columns) %}
    {%- set description = described[loop.index0].description %}
    {{ column }}{% if description %} options (description = {{ tojson(description) }}){% endif %}
    {{- ',' if not loop.last }}
    {%- endfor %}
  )
{%- endmacro %}

{#- Writes nothing, because descriptions are part of the DDL: those of relations in their options, those of columns by the
    macro above. An incremental model gets changed descriptions with the next full refresh; descriptions of seeds are
    shown in the dbt docs only. -#}
{% macro bigquery__persist_docs(relation, model, for_relation, for_columns) -%}
{%- endmacro %}

{#- Before dbt builds a table, it asks BigQuery for the columns of the query and compares them with the contract, which
    is one job per model. A windowed run leaves that out: the query was compared in CI and in the last full refresh, and
    the DDL selects the contract's columns by name and gives their types, so BigQuery refuses a query that differs. The
    query that is compared is the model's own, without the guards around it. -#}
{% macro bigquery__get_assert_columns_equivalent(sql) -%}
  {%- if should_full_refresh() or not env_var('ECO2MIX_WINDOW_START', '') -%}
    {{ return(assert_columns_equivalent(model.compiled_code)) }}
  {%- endif -%}
{%- endmacro %}
