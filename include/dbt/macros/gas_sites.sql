{#- First day on which a gas storage site is no longer in service, from the variable `retired_gas_sites`; null for a site
    that is not in it. -#}
{% macro retired_on(site) -%}
  {%- if var('retired_gas_sites') -%}
  case {{ site }}
    {%- for name, day in var('retired_gas_sites').items() %}
    when '{{ name }}' then date '{{ day }}'
    {%- endfor %}
  end
  {%- else -%}
  cast(null as date)
  {%- endif -%}
{%- endmacro %}
