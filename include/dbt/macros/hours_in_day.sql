{#- Hours between the local midnights of a day: 24, or 23 or 25 when clocks change. -#}
{% macro hours_in_day(day, timezone='Europe/Paris') -%}
  timestamp_diff(
    timestamp(date_add({{ day }}, interval 1 day), '{{ timezone }}'), timestamp({{ day }}, '{{ timezone }}'), hour
  )
{%- endmacro %}

{#- Hours of a day for which the source writes steps: 24 also on a day of 25 hours, because the source writes the repeated
    hour of October once. -#}
{% macro written_hours(hours_in_day) -%}
  least({{ hours_in_day }}, 24)
{%- endmacro %}

{#- Steps that an observed day should have: two per written hour, or four when its steps are quarter-hours. -#}
{% macro expected_steps(written_hours, is_quarter_hourly) -%}
  {{ written_hours }} * if({{ is_quarter_hourly }}, 4, 2)
{%- endmacro %}

{#- Whether some row of the group is an observed step that only a day of quarter-hours has.

    :param clock_minute: minute of the step's clock time, as text of two digits. -#}
{% macro is_quarter_hourly(is_observed, clock_minute) -%}
  countif({{ is_observed }} and {{ clock_minute }} in ('15', '45')) > 0
{%- endmacro %}
