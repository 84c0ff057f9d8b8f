{#- Statistics over days. A coefficient is null when there are fewer pairs than the variable `minimum_days`, because it
    would say little, and when one side does not vary, because then it is not defined. Results are rounded, because
    engines add floats in different orders and the last digits would differ. -#}

{#- Number of rows in which both `x` and `y` are known. -#}
{% macro pairs(x, y) -%}
  countif({{ x }} is not null and {{ y }} is not null)
{%- endmacro %}

{#- `value`, rounded to `digits`; null when there are too few pairs or when `x` or `y` does not vary over them. -#}
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
