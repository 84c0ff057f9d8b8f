{#- The measures of the electricity mix, as var `measures` of dbt_project.yml lists them, in its order. Each is a
    mapping with the keys column, name, kind, label, low_carbon, legacy, color and since; what an entry leaves out is
    none, and low_carbon is false. Models that treat all measures alike loop over this list, so that a new measure is
    one entry there and nothing here.

    kinds: names of the kinds wanted; all measures when it is left out. -#}
{% macro measures(kinds=none) %}
  {%- set chosen = [] -%}
  {%- for measure in var('measures') if kinds is none or measure.kind in kinds -%}
    {%- set complete = {'label': none, 'low_carbon': false, 'legacy': none, 'color': none, 'since': none} -%}
    {%- do complete.update(measure) -%}
    {%- do chosen.append(complete) -%}
  {%- endfor -%}
  {{ return(chosen) }}
{% endmacro %}

{#- Whether the contract calls the column of a measure `required`: the numbers need it, so a day without it is not
    complete. The contract is in the graph only when dbt executes; until then the answer is no. -#}
{% macro is_required(measure) %}
  {%- if execute -%}
    {%- for source in graph.sources.values() if source.source_name == 'odre' and measure.column in source.columns -%}
      {{ return(source.columns[measure.column].meta.get('required', false)) }}
    {%- endfor -%}
  {%- endif -%}
  {{ return(false) }}
{% endmacro %}

{#- The measures that the contract requires. -#}
{% macro required_measures() %}
  {%- set chosen = [] -%}
  {%- for measure in measures() if is_required(measure) -%}{%- do chosen.append(measure) -%}{%- endfor -%}
  {{ return(chosen) }}
{% endmacro %}

{#- Sum of the given measures, as an expression: a sum with an unknown part is unknown. A measure that was first
    published on the day `since` is no part of the sum before it. -#}
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

{#- Columns named after a measure: its energy, its share of the production, exports and imports of a border. -#}
{% macro energy_name(measure) -%}{{ measure.name }}h{%- endmacro %}
{% macro share_name(measure) -%}{{ measure.name | replace('_mw', '_share') }}{%- endmacro %}
{% macro export_name(measure) -%}{{ measure.name | replace('exchange_', 'export_') }}{%- endmacro %}
{% macro import_name(measure) -%}{{ measure.name | replace('exchange_', 'import_') }}{%- endmacro %}
