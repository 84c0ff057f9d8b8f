{#- Hours between the local midnights of a day: 24, or 23 or 25 when clocks change. -#}
{% macro hours_in_day(day, timezone='Europe/Paris') -%}
  timestamp_diff(
    timestamp(date_add({{ day }}, interval 1 day), '{{ timezone }}'), timestamp({{ day }}, '{{ timezone }}'), hour
  )
{%- endmacro %}
