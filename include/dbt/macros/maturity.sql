{#- Maturity of several rows together: theirs when they agree, else `mixed`; null without rows. -#}
{% macro maturity_of(column) -%}
  case count(distinct {{ column }}) when 0 then null when 1 then min({{ column }}) else 'mixed' end
{%- endmacro %}
