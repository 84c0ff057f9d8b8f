{#- Sums and means of floats that do not depend on the order of the rows. Engines add floats in any order, so the last
    digit differs from run to run. Rounding does not help, because a value near the half of a digit is rounded up in one
    run and down in another. NUMERIC adds exactly, to nine decimals. -#}

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
