{#- Makes data tests a part of the statement that writes the table. BigQuery has no check constraints and does not
    enforce keys, and a test that is a query of its own comes too late, because the table has been replaced by then.
    Therefore the statement that writes a table checks its rows: a row that breaks a data test ends the statement with
    an error that names the model, the test and the row, and the table stays as it was. This also saves a job and ten
    megabytes per test.

    The tests are written once, as data tests in the YAML of the model, and `dbt test` still runs them as queries. A
    kind of test becomes a guard by a macro `guard_<kind>`, which returns conditions for every row and the keys that no
    two rows may share. Tests that only warn, and tests of views, stay queries in the DAG;
    `odre.transform.NOT_IN_THE_DAG` leaves out the others. Every kind that it leaves out needs such a macro, which
    tests/test_guards.py checks. -#}

{#- `sql`, with the data tests of the current model as conditions on its rows. -#}
{% macro guarded(sql) %}
  {%- set guards = [] -%}
  {%- for test in graph.nodes.values() if _is_guard(test) -%}
    {%- do guards.append(context['guard_' ~ test.test_metadata.name](test.test_metadata.kwargs)) -%}
  {%- endfor -%}
  {%- if not guards -%}{{ return(sql) }}{%- endif -%}
  {%- set keys = guards | map(attribute='key') | select | list -%}
  {%- set key = keys | first | default([]) -%}
  {%- set row = [] -%}
  {%- for column in key -%}{%- do row.append(', cast(' ~ column ~ ' as string)') -%}{%- endfor -%}
  {%- set guarded_sql -%}
select *
from (
{{ sql }}
) as written
where
  true
  {%- for guard in guards %}
  and if(coalesce({{ guard.condition }}, false), true, {{ _error(guard.broken, row) }})
  {%- endfor %}
{%- for key in keys %}
{{ 'qualify' if loop.first else '  and' }} if(count(*) over (partition by {{ key | join(', ') }}) = 1, true, {{ _error('not the only row of its ' ~ key | join(', '), row) }})
{%- endfor %}
  {%- endset -%}
  {{ return(guarded_sql) }}
{% endmacro %}

{#- An error that names the model and the row. It is built without `concat`, because the emulator would change the
    column names of a statement with `concat` to lower case. -#}
{% macro _error(broken, row) -%}
  error(array_to_string([{{ tojson(model.name ~ ': ' ~ broken ~ ': row') }}{{ row | join }}], ' ', 'null'))
{%- endmacro %}

{% macro _is_guard(test) %}
  {{ return(
    test.resource_type == 'test' and test.attached_node == model.unique_id and test.test_metadata
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
