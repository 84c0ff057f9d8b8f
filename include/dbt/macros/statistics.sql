{#- Statistics over days. A coefficient over few days says little: below `var('minimum_days')` pairs, or
    when a side does not vary, it is null. Rounded, so that the order in which an engine adds up floats
    does not show. -#}

{#- Pairs of `x` and `y` that are both known. -#}
{% macro pairs(x, y) -%}
  countif({{ x }} is not null and {{ y }} is not null)
{%- endmacro %}

{#- `value` over the pairs, null when there are too few or `x` or `y` is constant. -#}
{% macro _over_pairs(value, x, y, digits) -%}
  case
    when {{ pairs(x, y) }} >= {{ var('minimum_days') }}
      and min(if({{ y }} is null, null, {{ x }})) < max(if({{ y }} is null, null, {{ x }}))
      and min(if({{ x }} is null, null, {{ y }})) < max(if({{ x }} is null, null, {{ y }}))
      then round({{ value }}, {{ digits }})
  end
{%- endmacro %}

{#- Pearson's correlation coefficient, -1 to 1. -#}
{% macro correlation(x, y) -%}
  {{ _over_pairs('corr(' ~ x ~ ', ' ~ y ~ ')', x, y, 6) }}
{%- endmacro %}

{#- Slope of the least-squares line of `y` over `x`: units of `y` per unit of `x`. -#}
{% macro slope(y, x) -%}
  {{ _over_pairs('covar_pop(' ~ y ~ ', ' ~ x ~ ') / nullif(var_pop(if(' ~ y ~ ' is null, null, ' ~ x ~ ')), 0)', x, y, 4) }}
{%- endmacro %}
