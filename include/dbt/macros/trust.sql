{#- Decides which values of a day may be used. Every measure of a day is in one of four states:

    complete  all the steps that it should have are there
    usable    a few steps are missing (variable `usable_from_share`), and no hour is without a value
    partial   more is missing, so its mean does not describe the day
    absent    it has no value on that day

    Values are trusted when they are complete or usable. -#}

{#- Condition that each of the given measures is in one of the states. -#}
{% macro each_is(list, states) -%}
  {%- for measure in list -%}
    state_{{ measure.name }} in ({{ states | map('tojson') | join(', ') | replace('"', "'") }})
    {{- ' and ' if not loop.last }}
  {%- else -%}
    true
  {%- endfor -%}
{%- endmacro %}

{#- A column that was made from the steps of `measure`; null where these may not be trusted. -#}
{% macro if_trusted(measure, column) -%}
  if({{ each_is([measure], ['complete', 'usable']) }}, {{ column }}, null) as {{ column }}
{%- endmacro %}
