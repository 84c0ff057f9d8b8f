{#- The measures of the electricity mix, as var `measures` of dbt_project.yml lists them, in its order. Each is a
    mapping with the keys column, name, kind, label, low_carbon, legacy and color; what an entry leaves out is none,
    and low_carbon is false. Models that treat all measures alike loop over this list, so that a new measure is
    one entry there and nothing here.

    kinds: names of the kinds wanted; all measures when it is left out. -#}
{% macro measures(kinds=none) %}
  {%- set chosen = [] -%}
  {%- for measure in var('measures') if kinds is none or measure.kind in kinds -%}
    {%- set complete = {'label': none, 'low_carbon': false, 'legacy': none, 'color': none} -%}
    {%- do complete.update(measure) -%}
    {%- do chosen.append(complete) -%}
  {%- endfor -%}
  {{ return(chosen) }}
{% endmacro %}

{#- Sum of the given measures, as an expression: a sum with an unknown part is unknown. -#}
{% macro sum_of(list) -%}
  {{ list | map(attribute='name') | join(' + ') }}
{%- endmacro %}

{#- Columns named after a measure: its energy, its share of the production, exports and imports of a border. -#}
{% macro energy_name(measure) -%}{{ measure.name }}h{%- endmacro %}
{% macro share_name(measure) -%}{{ measure.name | replace('_mw', '_share') }}{%- endmacro %}
{% macro export_name(measure) -%}{{ measure.name | replace('exchange_', 'export_') }}{%- endmacro %}
{% macro import_name(measure) -%}{{ measure.name | replace('exchange_', 'import_') }}{%- endmacro %}
