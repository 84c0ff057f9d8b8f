{#- The measures of the electricity mix: column of the source, English name, name in daily_merged, what kind
    of thing it is and, where it becomes a row of its own, what that row is called. Models that treat all
    measures alike loop over this list. -#}
{% macro mix_columns(kinds=none) %}
  {%- set columns = [
    ('taux_co2', 'co2_g_per_kwh', 'TauxdeCO2gkWh', 'intensity', none),
    ('consommation', 'consumption_mw', 'ConsommationMW', 'consumption', 'consumption'),
    ('fioul', 'fuel_oil_mw', 'FioulMW', 'source', 'fuel oil'),
    ('charbon', 'coal_mw', 'CharbonMW', 'source', 'coal'),
    ('gaz', 'gas_mw', 'GazMW', 'source', 'gas'),
    ('nucleaire', 'nuclear_mw', 'NucleaireMW', 'source', 'nuclear'),
    ('eolien', 'wind_mw', 'EolienMW', 'source', 'wind'),
    ('solaire', 'solar_mw', 'SolaireMW', 'source', 'solar'),
    ('hydraulique', 'hydro_mw', 'HydrauliqueMW', 'source', 'hydro'),
    ('pompage', 'pumping_mw', 'PompageMW', 'storage', none),
    ('bioenergies', 'bioenergy_mw', 'BioenergiesMW', 'source', 'bioenergy'),
    ('ech_comm_angleterre', 'exchange_great_britain_mw', 'EchcommAngleterreMW', 'border', 'Great Britain'),
    ('ech_comm_espagne', 'exchange_spain_mw', 'EchcommEspagneMW', 'border', 'Spain'),
    ('ech_comm_italie', 'exchange_italy_mw', 'EchcommItalieMW', 'border', 'Italy'),
    ('ech_comm_suisse', 'exchange_switzerland_mw', 'EchcommSuisseMW', 'border', 'Switzerland'),
    ('ech_comm_allemagne_belgique', 'exchange_germany_belgium_mw', 'EchcommAllemagneBelgiqueMW', 'border', 'Germany and Belgium'),
    ('ech_physiques', 'physical_exchange_mw', 'EchphysiquesMW', 'exchange', none),
    ('fioul_tac', 'fuel_oil_combustion_turbine_mw', 'FioulTACMW', 'detail', none),
    ('fioul_cogen', 'fuel_oil_cogeneration_mw', 'FioulCogenerationMW', 'detail', none),
    ('fioul_autres', 'fuel_oil_other_mw', 'FioulAutresMW', 'detail', none),
    ('gaz_tac', 'gas_combustion_turbine_mw', 'GazTACMW', 'detail', none),
    ('gaz_cogen', 'gas_cogeneration_mw', 'GazCogenerationMW', 'detail', none),
    ('gaz_ccg', 'gas_combined_cycle_mw', 'GazCCGMW', 'detail', none),
    ('gaz_autres', 'gas_other_mw', 'GazAutresMW', 'detail', none),
    ('hydraulique_fil_eau_eclusee', 'hydro_run_of_river_mw', 'HydrauliqueFildeleauecluseeMW', 'detail', none),
    ('hydraulique_lacs', 'hydro_reservoir_mw', 'HydrauliqueLacsMW', 'detail', none),
    ('hydraulique_step_turbinage', 'hydro_pumped_storage_mw', 'HydrauliqueSTEPturbinageMW', 'detail', none),
    ('bioenergies_dechets', 'bioenergy_waste_mw', 'BioenergiesDechetsMW', 'detail', none),
    ('bioenergies_biomasse', 'bioenergy_biomass_mw', 'BioenergiesBiomasseMW', 'detail', none),
    ('bioenergies_biogaz', 'bioenergy_biogas_mw', 'BioenergiesBiogazMW', 'detail', none),
    ('eolien_terrestre', 'wind_onshore_mw', 'EolienterrestreMW', 'detail', none),
    ('eolien_offshore', 'wind_offshore_mw', 'EolienoffshoreMW', 'detail', none),
    ('stockage_batterie', 'battery_charging_mw', 'StockagebatterieMW', 'storage', none),
    ('destockage_batterie', 'battery_discharging_mw', 'DestockagebatterieMW', 'storage', none),
    ('prevision_j1', 'forecast_day_ahead_mw', none, 'forecast', 'day ahead'),
    ('prevision_j', 'forecast_same_day_mw', none, 'forecast', 'same day'),
  ] -%}
  {%- set chosen = [] -%}
  {%- for source, name, legacy, kind, label in columns if kinds is none or kind in kinds -%}
    {%- do chosen.append({'source': source, 'name': name, 'legacy': legacy, 'kind': kind, 'label': label}) -%}
  {%- endfor -%}
  {{ return(chosen) }}
{% endmacro %}

{#- The one of several columns that is greatest (or least), by name; ties go to the first in the list. Null
    when all are null or, with `beyond_zero`, when none is on the asked side of zero. -#}
{% macro name_of_extreme(columns, names, least=false, beyond_zero=false) -%}
  {%- set function = 'least' if least else 'greatest' -%}
  {%- set missing = '1e99' if least else '-1e99' -%}
  {%- set filled = [] -%}
  {%- for column in columns -%}{%- do filled.append('coalesce(%s, %s)' % (column, missing)) -%}{%- endfor -%}
  {%- set extreme = function ~ '(' ~ filled | join(', ') ~ ')' -%}
  case
    {%- if beyond_zero %}
    when {{ extreme }} {{ '>=' if least else '<=' }} 0 then null
    {%- endif %}
    {%- for column in columns %}
    when {{ column }} = {{ extreme }} then '{{ names[loop.index0] }}'
    {%- endfor %}
  end
{%- endmacro %}
