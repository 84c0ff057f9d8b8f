{#- The entities that the contract of a landing table declares: the storage sites, the regions. Each is a mapping with
    the keys name, label, since and until; a key that the contract leaves out is none. The contract is in the graph only
    when dbt executes; until then the list is empty. -#}
{% macro entities_of(table) %}
  {%- set found = [] -%}
  {%- if execute -%}
    {%- for entry in (_contract_of(table).get('entities') or {}).get('members', []) -%}
      {%- set complete = {'label': none, 'since': none, 'until': none} -%}
      {%- do complete.update(entry) -%}
      {%- do found.append(complete) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(found) }}
{% endmacro %}

{#- Rows of the declared entities: `entity` (of the SQL type `type`), `label`, and the days in service: from `since` on
    and before `until`, either of which may be null. -#}
{% macro declared_entities(table, type='string') %}
    {%- for entry in entities_of(table) %}
    select
        cast({{ _quoted(entry.name) }} as {{ type }}) as entity,
        {{ _quoted(entry.label or entry.name) }} as label,
        {{ "date '" ~ entry.since ~ "'" if entry.since else 'cast(null as date)' }} as since,
        {{ "date '" ~ entry.until ~ "'" if entry.until else 'cast(null as date)' }} as until
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        cast(null as {{ type }}) as entity,
        cast(null as string) as label,
        cast(null as date) as since,
        cast(null as date) as until
    {%- endfor %}
{% endmacro %}

{#- A text as a literal of SQL; one with an apostrophe stands between double quotes. -#}
{% macro _quoted(text) -%}
  {{ '"' ~ text ~ '"' if "'" in text | string else "'" ~ text ~ "'" }}
{%- endmacro %}

{#- Condition that a row of `declared_entities` is in service on a day. -#}
{% macro in_service(declared, day) -%}
  {{ day }} >= coalesce({{ declared }}.since, {{ day }}) and ({{ declared }}.until is null or {{ day }} < {{ declared }}.until)
{%- endmacro %}
