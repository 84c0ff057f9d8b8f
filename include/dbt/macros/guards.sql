{#- Data tests as a part of the statement that writes the table. BigQuery has no check constraints and does not enforce
    keys, and a test that is a query of its own comes too late: the table has been replaced by then. Therefore the rows of
    a table pass its data tests on their way into it: one that breaks a test ends the statement with an error that names
    the model, the test and the row, and the table stays as it was. It also spares a job and ten megabytes per test.

    What is tested is said once, as data tests in the YAML of the model, and `dbt test` still runs them as queries. A
    kind of test becomes a guard by a macro `guard_<kind>`, which returns conditions for every row and the keys that no
    two rows may share. A kind without such a macro, or a test that only warns, stays a query in the DAG
    (`odre.transform.GUARDED` leaves the others out). -#}

{#- `sql` with the data tests of the current model as conditions of its rows. -#}
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

{#- An error that names the model and the row. The emulator would write the columns of a statement with `concat` in small
    letters. -#}
{% macro _error(broken, row) -%}
  error(array_to_string([{{ tojson(model.name ~ ': ' ~ broken ~ ': row') }}{{ row | join }}], ' ', 'null'))
{%- endmacro %}

{% macro _is_guard(test) %}
  {{ return(
    test.resource_type == 'test' and test.attached_node == model.unique_id and test.test_metadata
    and (test.config.severity | lower) == 'error' and ('guard_' ~ test.test_metadata.name) in context
  ) }}
{% endmacro %}

{#- A guard: the condition of every row, what is said of a row that breaks it, and the key that is a row's own, or none. -#}

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
