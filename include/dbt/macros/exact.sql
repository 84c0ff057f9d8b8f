{#- Sums and means of floats that do not depend on the order of the rows. Engines add floats in any order, and the last
    digit differs from run to run, which rounding does not mend: the half of a digit falls to either side. NUMERIC adds
    exactly, to nine decimals. -#}

{#- Exact sum of `value`; `over` makes it a window function. -#}
{% macro exact_sum(value, over='') -%}
  cast(sum(cast({{ value }} as numeric)){{ ' over ' ~ over if over }} as float64)
{%- endmacro %}

{#- The same to fifteen decimals, for values whose ninth decimal still matters: squares and products of small numbers. A
    value must stay below 1e22. -#}
{% macro exact_fine_sum(value, over='') -%}
  {{ exact_sum('1e6 * (' ~ value ~ ')', over) }} / 1e6
{%- endmacro %}

{#- Mean of `value` from its exact sum; `over` makes it a window function. -#}
{% macro exact_mean(value, over='') -%}
  safe_divide({{ exact_sum(value, over) }}, count({{ value }}){{ ' over ' ~ over if over }})
{%- endmacro %}
