{#- Builds tables as dbt-bigquery does, but with the model's data tests as guards (macro `guarded`) and in as few
    requests as possible. A windowed run does not ask whether a table exists and how it is partitioned and clustered,
    because only a change of the code changes that. After such a change BigQuery refuses to replace the table, and a full
    refresh makes it again. By default dbt lists the whole dataset at the beginning of every task; the tasks of a DAG
    leave that out (`--no-populate-cache`), and each model asks for what it needs.

    A view is replaced only when its query or its descriptions have changed. One call tells that, while replacing the view
    is a job. -#}

{% materialization table, adapter='bigquery' -%}
  {{ run_hooks(pre_hooks) }}
  {%- set existing = this.incorporate(type='table') if _windowed() else load_relation(this) -%}
  {{ build_whole(existing) }}
  {{ run_hooks(post_hooks) }}
  {%- do apply_grants(this, config.get('grants'), should_revoke(existing, full_refresh_mode=true)) %}
  {{ return({'relations': [this.incorporate(type='table')]}) }}
{%- endmaterialization %}

{% materialization view, adapter='bigquery' -%}
  {%- set target = this.incorporate(type='view') -%}
  {%- if not should_full_refresh() and _stands() -%}
    {{ run_hooks(pre_hooks) }}
    {%- call noop_statement('main', 'OK (unchanged)', 'OK') -%}
      {{ compiled_code }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do apply_grants(target, config.get('grants'), should_revoke(target, full_refresh_mode=true)) %}
  {%- else -%}
    {%- do bigquery__create_or_replace_view() -%}
    {%- do persist_docs(target, model) -%}
  {%- endif -%}
  {{ return({'relations': [target]}) }}
{%- endmaterialization %}

{#- Whether the view exists and was made from the present query and descriptions of the model, by its label `made_from`. -#}
{% macro _stands() %}
  {%- set found = standing() -%}
  {{ return(found is not none and found.table_type == 'VIEW' and found.labels.get('made_from') == _made_from(model)) }}
{% endmacro %}

{% macro _made_from(node) %}
  {{ return(local_md5(node.compiled_code ~ node.description ~ tojson(node.columns, sort_keys=true))) }}
{% endmacro %}

{#- The options of a view as dbt-bigquery writes them, with the label `made_from`. -#}
{% macro bigquery_view_options(config, node) %}
  {%- set options = adapter.get_view_options(config, node) -%}
  {%- do options.update({'labels': options.get('labels', []) + [('made_from', _made_from(node))]}) -%}
  {{ return(bigquery_options(options)) }}
{% endmacro %}

{#- One MERGE that contains the model's query replaces the partitions of the window; dbt-bigquery would write a table of
    the new rows first. A column that the model declares and the table lacks is added; it is null in partitions that are
    not rebuilt. A column that the model no longer declares stays; it is null in partitions that are rebuilt. -#}
{% materialization incremental, adapter='bigquery' -%}
  {%- set found = standing() -%}
  {%- set existing = none if found is none else this.incorporate(type='table' if found.table_type == 'TABLE' else 'view') -%}
  {{ run_hooks(pre_hooks) }}
  {%- if not is_incremental() -%}
    {{ build_whole(existing) }}
  {%- else -%}
    {%- set columns = found.schema | selectattr('name', 'in', model.columns) | list -%}
    {%- set known, missing = columns | map(attribute='name') | list, [] -%}
    {%- for column in model.columns.values() if column.name not in known -%}
      {%- do missing.append(api.Column(column.name, column.data_type)) -%}
    {%- endfor -%}
    {%- if missing -%}
      {%- do alter_relation_add_remove_columns(existing, missing, none) -%}
    {%- endif -%}
    {%- call statement('main') -%}
      {{ bq_generate_incremental_build_sql(
        strategy='insert_overwrite', tmp_relation=none, target_relation=this, sql=guarded(compiled_code), unique_key=none,
        partition_by=adapter.parse_partition_by(config.get('partition_by')), partitions=window_partitions(),
        dest_columns=columns + missing, tmp_relation_exists=false, copy_partitions=false, incremental_predicates=none
      ) }}
    {%- endcall -%}
  {%- endif -%}
  {{ run_hooks(post_hooks) }}
  {%- do apply_grants(this, config.get('grants'), should_revoke(existing, should_full_refresh())) %}
  {{ return({'relations': [this.incorporate(type='table')]}) }}
{%- endmaterialization %}

{% macro build_whole(existing) %}
  {%- set target = this.incorporate(type='table') -%}
  {%- if existing is not none and (not existing.is_table or _must_be_dropped(existing)) -%}
    {%- do adapter.drop_relation(existing) -%}
  {%- endif -%}
  {%- call statement('main') -%}
    {{ create_table_as(False, target, guarded(compiled_code)) }}
  {%- endcall -%}
{% endmacro %}

{#- Whether this is a run for a window. Such a run assumes that tables are as the last full refresh has made them. -#}
{% macro _windowed() %}
  {{ return(env_var('ECO2MIX_WINDOW_START', '') != '' and not should_full_refresh()) }}
{% endmacro %}

{#- Whether the existing table is partitioned or clustered in another way than the model says. This takes a request. -#}
{% macro _must_be_dropped(existing) %}
  {%- if _windowed() -%}{{ return(false) }}{%- endif -%}
  {%- set partition_by = adapter.parse_partition_by(config.get('partition_by', none)) -%}
  {{ return(not adapter.is_replaceable(existing, partition_by, config.get('cluster_by', none))) }}
{% endmacro %}
