{#- Makes data tests a part of the statement that writes the table. BigQuery has no check constraints and does not
    enforce keys, and a test that is a query of its own comes too late, because the table has been replaced by then.
    Therefore the statement that writes a table checks its rows: a row that breaks a data test ends the statement with
    an error that names the model, the test and the row, and the table stays as it was. This also saves a job and ten
    megabytes per test.

    The tests are written once, as data tests in the YAML of the model, and `dbt test` still runs them as queries. A
    kind of test becomes a guard by a macro `guard_<kind>`, which returns conditions for every row and the keys that no
    two rows may share. Tests that only warn, and tests of views that no table guards, stay queries in the DAG;
    `odre.transform.NOT_IN_THE_DAG` leaves out the others. Every kind that it leaves out needs such a macro, which
    tests/test_guards.py checks.

    A view writes nothing, so a table that is built on it checks its rows: the meta `guards` of the table names the views,
    and the meta `guarded` of a view leaves its tests out of the DAG. -#}

{#- `sql`, with the data tests of the current model as conditions on its rows, and those of the views that it guards. -#}
{% macro guarded(sql) %}
  {%- set own = _guards_of(model) -%}
  {%- set views = [] -%}
  {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name in model.config.meta.get('guards', []) -%}
    {%- do views.append(node) -%}
  {%- endfor -%}
  {%- if not own and not views -%}{{ return(sql) }}{%- endif -%}
  {%- set guarded_sql -%}
{{ _guarded_rows(model, '(\n' ~ sql ~ '\n)', own, views) }}
  {%- endset -%}
  {{ return(guarded_sql) }}
{% endmacro %}

{#- All of `rows`; a row that breaks a guard of `node` ends the statement with an error. -#}
{% macro _guarded_rows(node, rows, guards, views=[]) -%}
  {%- set keys = guards | map(attribute='key') | select | list -%}
  {%- set row = [] -%}
  {%- for column in keys | first | default([]) -%}{%- do row.append(', cast(' ~ column ~ ' as string)') -%}{%- endfor -%}
select *
from {{ rows }} as written
where
  {{ in_window(node.config.meta.window_column) if node.config.meta.window_column and node.config.materialized == 'view' else true }}
  {%- for guard in guards %}
  and if(coalesce({{ guard.condition }}, false), true, {{ _error(node, guard.broken, row) }})
  {%- endfor %}
  {%- for view in views %}
  -- every row of {{ view.name }} passes, or the statement ends with an error
  and (
    select count(*) from (
{{ _guarded_rows(view, view.relation_name, _guards_of(view)) }}
    )
  ) = (select count(*) from {{ view.relation_name }} where {{ in_window(view.config.meta.window_column) }})
  {%- endfor %}
{%- for key in keys %}
{{ 'qualify' if loop.first else '  and' }} if(count(*) over (partition by {{ key | join(', ') }}) = 1, true, {{ _error(node, 'not the only row of its ' ~ key | join(', '), row) }})
{%- endfor %}
{%- endmacro %}

{% macro _guards_of(node) %}
  {%- set guards = [] -%}
  {%- for test in graph.nodes.values() if _is_guard(test, node) -%}
    {%- do guards.append(context['guard_' ~ test.test_metadata.name](test.test_metadata.kwargs)) -%}
  {%- endfor -%}
  {{ return(guards) }}
{% endmacro %}

{#- An error that names the model and the row. It is built without `concat`, because the emulator would change the
    column names of a statement with `concat` to lower case. -#}
{% macro _error(node, broken, row) -%}
  error(array_to_string([{{ tojson(node.name ~ ': ' ~ broken ~ ': row') }}{{ row | join }}], ' ', 'null'))
{%- endmacro %}

{% macro _is_guard(test, node) %}
  {{ return(
    test.resource_type == 'test' and test.attached_node == node.unique_id and test.test_metadata
    and (test.config.severity | lower) == 'error' and ('guard_' ~ test.test_metadata.name) in context
  ) }}
{% endmacro %}

{#- A guard: the condition on every row, the message about a row that breaks it, and the key that no two rows may share,
    or none. -#}

{% macro guard_grain(given) %}
  {%- set columns = given.key + given.get('required', []) -%}
  {{ return({
    'condition': columns | join(' is not null and ') ~ ' is not null',
    'broken': 'null in ' ~ columns | join(' or '),
    'key': given.key,
  }) }}
{% endmacro %}

{% macro guard_holds(given) %}
  {%- set condition = given.condition | trim | replace('\n', ' ') -%}
  {{ return({'condition': condition, 'broken': condition ~ ' does not hold', 'key': none}) }}
{% endmacro %}

{% macro guard_accepted_values(given) %}
  {%- set name, values = given.column_name, given['values'] -%}
  {{ return({
    'condition': name ~ " is null or " ~ name ~ " in ('" ~ values | join("', '") ~ "')",
    'broken': name ~ ' is none of ' ~ values | join(', '),
    'key': none,
  }) }}
{% endmacro %}

{% macro guard_shares_add_up(given) %}
  {{ return({'condition': shares_add_up(), 'broken': 'the shares of all sources do not add up to one', 'key': none}) }}
{% endmacro %}
