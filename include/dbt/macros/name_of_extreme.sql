{#- Name of the column that holds the greatest value of a row, or the least one with `least`. On a tie it is the first
    of the list. With `beyond_zero` the result is null when the greatest value is not above zero, or the least one not
    below zero, which includes that all are null. -#}
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
