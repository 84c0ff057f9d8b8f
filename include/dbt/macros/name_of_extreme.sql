{#- The one of several columns that is greatest (or least), by name; ties go to the first in the list. Null
    when all are null or, with `beyond_zero`, when none is on the asked side of zero. -#}
{% macro name_of_extreme(columns, names, least=false, beyond_zero=false) -%}
  {%- set function = 'least' if least else 'greatest' -%}
  {%- set missing = '1e99' if least else '-1e99' -%}
  {%- set filled = [] -%}
  {%- for column in columns -%}{%- do filled.append('coalesce(%s, %s)' % (column, missing)) -%}{%- endfor -%}
  {%- set extreme = function ~ '(' ~ filled | join(', ') ~ ')' -%}
  case
    {%- if beyond_zero %}
    when {{ extreme }} {{ '>=' if least else '<=' }} 0 then null
    {%- endif %}
    {%- for column in columns %}
    when {{ column }} = {{ extreme }} then '{{ names[loop.index0] }}'
    {%- endfor %}
  end
{%- endmacro %}
