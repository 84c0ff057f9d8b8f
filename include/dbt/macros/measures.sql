{#- The measures of the electricity mix, as the contract of its dataset names them, in the order of its columns. Each is
    a mapping with the keys column, required, usual, name, kind, spike, label, low_carbon, legacy, since and color.
    Models that treat all measures alike loop over this list, so that a new measure is one entry in the contract and no
    change of SQL.

    kinds: the kinds of measures that are returned; by default all kinds. -#}
{% macro measures(kinds=none) %}
  {%- set chosen = [] -%}
  {%- for measure in measure_list() if kinds is none or measure.kind in kinds -%}
    {%- do chosen.append(measure) -%}
  {%- endfor -%}
  {{ return(chosen) }}
{% endmacro %}

{#- The name of a measure for people: its label, or its name without the unit. -#}
{% macro _measure_in_words(measure) -%}
  {%- set words = measure.label or measure.name | replace('_mw', '') | replace('_g_per_kwh', '') | replace('_', ' ') -%}
  {{ words }}{{ ' forecast' if measure.kind == 'forecast' }}
{%- endmacro %}

{#- The measures without which a day is not complete. -#}
{% macro required_measures() %}
  {%- set chosen = [] -%}
  {%- for measure in measures() if measure.required -%}{%- do chosen.append(measure) -%}{%- endfor -%}
  {{ return(chosen) }}
{% endmacro %}

{#- Sum of the given measures, as an expression. A sum with an unknown part is null. A measure that was first published
    on the day `since` is not a part of the sum before that day. -#}
{% macro sum_of(list) -%}
  {%- for measure in list -%}
    {%- if measure.since -%}
    if(local_date < date '{{ measure.since }}' and {{ measure.name }} is null, 0, {{ measure.name }})
    {%- else -%}
    {{ measure.name }}
    {%- endif -%}
    {{ ' + ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{#- Names of the columns that are made from a measure: its energy, its share of the production, exports and imports of a
    border. -#}
{% macro energy_name(measure) -%}{{ measure.name }}h{%- endmacro %}
{% macro share_name(measure) -%}{{ measure.name | replace('_mw', '_share') }}{%- endmacro %}
{% macro export_name(measure) -%}{{ measure.name | replace('exchange_', 'export_') }}{%- endmacro %}
{% macro import_name(measure) -%}{{ measure.name | replace('exchange_', 'import_') }}{%- endmacro %}

{#- Condition that the shares of all sources add up to one, where there is a production. -#}
{% macro shares_add_up() -%}
  coalesce(production_mw, 0) = 0 or abs(1 - ({% for measure in measures(['source']) %}{{ share_name(measure) }}{{ ' + ' if not loop.last }}{% endfor %})) < 1e-9
{%- endmacro %}
