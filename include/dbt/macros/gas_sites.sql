{#- First day without a gas storage site, as var `retired_gas_sites` has it; null while it is in service. -#}
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
