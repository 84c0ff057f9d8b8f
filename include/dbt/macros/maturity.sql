{#- Maturity of several rows together: their common value, `mixed` when they differ, and null when none has a value. -#}
{% macro maturity_of(column) -%}
  case count(distinct {{ column }}) when 0 then null when 1 then min({{ column }}) else 'mixed' end
{%- endmacro %}
