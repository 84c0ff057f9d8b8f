{#- Lists that the models of the answers share; docs/answers.md explains every method and rule. -#}

{#- Names of the terms of the balance of a day. Consumption is their sum by construction, because the last term is the rest
    that the source's own figures leave open. -#}
{% macro balance_terms() %}
  {%- set terms = [] -%}
  {%- for measure in measures(['source']) -%}
    {%- do terms.append(measure.name | replace('_mw', '')) -%}
  {%- endfor -%}
  {{ return(terms + ['pumping', 'batteries', 'net_imports', 'statistical_difference']) }}
{% endmacro %}

{#- Names of the borders, and `all` for the sum over them. -#}
{% macro border_names() %}
  {%- set names = ['all'] -%}
  {%- for measure in measures(['border']) -%}
    {%- do names.append(measure.name | replace('exchange_', '') | replace('_mw', '')) -%}
  {%- endfor -%}
  {{ return(names) }}
{% endmacro %}

{#- Columns that have a normal and an anomaly. -#}
{% macro columns_with_normals() %}
  {%- set columns = ['weighted_celsius', 'heating_degrees', 'stock_gwh', 'fill_level', 'net_withdrawal_gwh', 'consumption_mw'] -%}
  {%- for term in balance_terms() if term not in ['batteries', 'statistical_difference'] -%}
    {%- do columns.append(term ~ '_mw') -%}
  {%- endfor -%}
  {{ return(columns + ['export_all_mw', 'import_all_mw']) }}
{% endmacro %}

{#- The properties of each method:
      kind         slope, correlation, mean or explained (per cent of the variance)
      fine         blocks that are left out one by one while there are fewer than five years: month or half_month; none
                   when only years can be blocks
      minimum      number of observations below which there is no estimate
      least_years  number of years that are needed where years are the blocks
      years        whether every year (or winter) and the trailing year have an estimate of their own. Where they have
                   none, correlations without the season have a row for each that gives the reason
      raw          whether the season is left in, so that no verdict rests on the estimate
      together     number of parts that the joint interval allows for, where the part that stands out is picked out of
                   all of them: 12 or 32, and at least the number of parts; 1 where parts are not judged together -#}
{% macro answer_methods() %}
  {{ return({
    'raw_correlation': {'kind': 'correlation', 'fine': none, 'minimum': 30, 'least_years': 4, 'years': false, 'raw': true, 'together': 1},
    'anomaly_correlation': {'kind': 'correlation', 'fine': none, 'minimum': 30, 'least_years': 4, 'years': false, 'raw': false, 'together': 12},
    'anomaly_correlation_given_temperature': {'kind': 'correlation', 'fine': none, 'minimum': 30, 'least_years': 4, 'years': false, 'raw': false, 'together': 1},
    'same_month_correlation': {'kind': 'correlation', 'fine': none, 'minimum': 30, 'least_years': 4, 'years': false, 'raw': false, 'together': 32},
    'raw_slope': {'kind': 'slope', 'fine': 'half_month', 'minimum': 30, 'least_years': 4, 'years': true, 'raw': true, 'together': 1},
    'within_month': {'kind': 'slope', 'fine': 'month', 'minimum': 30, 'least_years': 4, 'years': true, 'raw': false, 'together': 1},
    'within_month_effective': {'kind': 'slope', 'fine': 'month', 'minimum': 30, 'least_years': 4, 'years': true, 'raw': false, 'together': 1},
    'within_month_above_threshold': {'kind': 'slope', 'fine': 'month', 'minimum': 30, 'least_years': 4, 'years': true, 'raw': false, 'together': 1},
    'within_winter': {'kind': 'slope', 'fine': 'half_month', 'minimum': 30, 'least_years': 4, 'years': true, 'raw': false, 'together': 1},
    'within_winter_given_daylight': {'kind': 'slope', 'fine': 'half_month', 'minimum': 30, 'least_years': 4, 'years': true, 'raw': false, 'together': 1},
    'per_winter': {'kind': 'slope', 'fine': none, 'minimum': 5, 'least_years': 5, 'years': false, 'raw': false, 'together': 1},
    'annual_phase': {'kind': 'mean', 'fine': none, 'minimum': 4, 'least_years': 4, 'years': false, 'raw': false, 'together': 1},
    'season_share': {'kind': 'mean', 'fine': none, 'minimum': 3, 'least_years': 3, 'years': false, 'raw': false, 'together': 1},
    'season_difference': {'kind': 'mean', 'fine': none, 'minimum': 3, 'least_years': 3, 'years': false, 'raw': false, 'together': 1},
    'season_trend': {'kind': 'slope', 'fine': none, 'minimum': 5, 'least_years': 5, 'years': false, 'raw': false, 'together': 1},
    'explained_by_season': {'kind': 'explained', 'fine': none, 'minimum': 30, 'least_years': 4, 'years': false, 'raw': false, 'together': 1},
    'explained_by_year': {'kind': 'explained', 'fine': none, 'minimum': 30, 'least_years': 4, 'years': false, 'raw': false, 'together': 1},
  }) }}
{% endmacro %}

{#- The smallest notable effect, by unit. A smaller effect is negligible. -#}
{% macro smallest_effects() %}
  {{ return({
    'correlation': 0.3, 'mw_per_celsius': 50, 'gwh_per_celsius': 10, 'gwh_per_winter_celsius': 500, 'days': 7,
    'percent': 1, 'percentage_points': 1, 'percentage_points_per_year': 0.1, 'celsius': 0,
  }) }}
{% endmacro %}

{#- Figures that others have published and that `answers` shows beside its own: question, method, part, figure in the unit
    of the part, and who said it, when and where. -#}
{% macro published_references() %}
  {{ return([
    ('sources_vs_temperature', 'within_winter', 'thermosensitivity/day', 2400,
      'RTE (Dominique Maillard, 2014-09-10), https://www.liberation.fr/futurs/2014/09/10/la-france-en-manque-de-jus-apres-2015_1097762'),
  ]) }}
{% endmacro %}

{#- 97.5 % quantile of Student's t, by degrees of freedom. For several `parts` that are judged together it is the quantile
    with which the intervals of all parts hold together with 95 % (Bonferroni: 1 - 0.025 / parts). Above 30 degrees the
    quantile of the next smaller tabulated number is used, which makes intervals slightly too wide. Made with
    `scipy.stats.t.ppf`. -#}
{% macro t_quantile(degrees, parts=1) -%}
  {#- 1 to 30 degrees of freedom, then 40, 60 and 120. -#}
  {%- set tables = {
    1: [
      12.7062047362, 4.3026527297, 3.1824463053, 2.7764451052, 2.5705818356, 2.4469118511, 2.3646242516,
      2.3060041352, 2.2621571628, 2.2281388520, 2.2009851601, 2.1788128297, 2.1603686565, 2.1447866879, 2.1314495456,
      2.1199052992, 2.1098155778, 2.1009220402, 2.0930240544, 2.0859634473, 2.0796138447, 2.0738730679, 2.0686576104,
      2.0638985616, 2.0595385528, 2.0555294386, 2.0518305165, 2.0484071418, 2.0452296421, 2.0422724563, 2.0210753903,
      2.0002978220, 1.9799304051,
    ],
    12: [
      152.7865637004, 15.4434790071, 7.9397507345, 5.8853050818, 4.9825283621, 4.4857676306, 4.1743149711,
      3.9617733909, 3.8078784447, 3.6914783871, 3.6004467144, 3.5273520248, 3.4673947298, 3.4173407190, 3.3749332024,
      3.3385505177, 3.3069979678, 3.2793763156, 3.2549959644, 3.2333193542, 3.2139213285, 3.1964612653, 3.1806630959,
      3.1663007266, 3.1531872362, 3.1411667553, 3.1301082832, 3.1199009245, 3.1104501783, 3.1016750197, 3.0393475001,
      2.9792270526, 2.9212260515,
    ],
    32: [
      407.4358361919, 25.2685652725, 11.1098684962, 7.6582089544, 6.2269948714, 5.4668605631, 5.0015771740,
      4.6895188480, 4.4665145041, 4.2995686594, 4.1700826469, 4.0668147554, 3.9825870904, 3.9126094637, 3.8535667707,
      3.8030938784, 3.7594592510, 3.7213667632, 3.6878273310, 3.6580733191, 3.6315000035, 3.6076246316, 3.5860572125,
      3.5664793025, 3.5486283477, 3.5322859597, 3.5172690188, 3.5034228415, 3.4906158753, 3.4787355368, 3.3946638785,
      3.3140941742, 3.2368639248,
    ],
  } -%}
  {%- set table = tables[parts] -%}
  case
    when {{ degrees }} >= 120 then {{ table[32] }}
    when {{ degrees }} >= 60 then {{ table[31] }}
    when {{ degrees }} >= 40 then {{ table[30] }}
    when {{ degrees }} >= 1 then [{{ table[:30] | join(', ') }}][ordinal(cast(least({{ degrees }}, 30) as int64))]
  end
{%- endmacro %}

{#- Verdict on an estimate by its interval: the rule of docs/answers.md. -#}
{% macro verdict_of(lower, upper) -%}
  case
    when ({{ lower }} > 0 or {{ upper }} < 0) and abs(estimate) >= smallest_effect then 'yes'
    when {{ lower }} > -smallest_effect and {{ upper }} < smallest_effect then 'no'
    else 'not_detectable'
  end
{%- endmacro %}

{#- Every question, part and method for which `answers` has a row, even without any data, as groups: question, unit,
    methods, parts. -#}
{% macro answer_series() %}
  {%- set sources = [] -%}
  {%- for measure in measures(['source']) -%}{%- do sources.append(measure.name | replace('_mw', '')) -%}{%- endfor -%}
  {%- set balance = ['consumption'] + balance_terms() -%}
  {%- set correlated = balance | reject('in', ['batteries', 'statistical_difference']) | list -%}
  {%- set seasonal, flows = [], ['all/net_physical_exports'] -%}
  {%- for source in sources -%}
    {%- for season in ['winter', 'spring', 'summer', 'autumn'] -%}{%- do seasonal.append(source ~ '/' ~ season) -%}{%- endfor -%}
  {%- endfor -%}
  {%- for border in border_names() -%}
    {%- for flow in ['volume', 'exports', 'imports', 'net_exports'] -%}{%- do flows.append(border ~ '/' ~ flow) -%}{%- endfor -%}
  {%- endfor -%}
  {%- set hours = ['thermosensitivity/day'] -%}
  {%- for hour in hours_of_day() -%}{%- do hours.append('thermosensitivity/hour_' ~ hour) -%}{%- endfor -%}
  {%- set both = ['raw_correlation', 'anomaly_correlation'] -%}
  {{ return([
    ('mix', 'percent', ['measured_share'], sources),
    ('gas_storage_vs_temperature', 'correlation', both, ['stock', 'withdrawal']),
    ('gas_storage_vs_temperature', 'gwh_per_celsius', ['raw_slope', 'within_month'],
      ['withdrawal/all_year', 'withdrawal/november_to_march', 'withdrawal/april_to_october']),
    ('gas_storage_vs_temperature', 'gwh_per_winter_celsius', ['per_winter'], ['drawdown']),
    ('gas_storage_vs_temperature', 'days', ['annual_phase'], ['stock']),
    ('gas_storage_vs_temperature', 'percentage_points', ['previous_years'], ['fill']),
    ('sources_vs_temperature', 'mw_per_celsius',
      ['within_month', 'within_month_effective', 'within_month_above_threshold'], balance),
    ('sources_vs_temperature', 'mw_per_celsius', ['within_winter', 'within_winter_given_daylight'], hours),
    ('sources_vs_temperature', 'celsius', ['cooling_threshold'], ['consumption']),
    ('sources_vs_temperature', 'correlation', both, correlated),
    ('sources_vs_gas_storage', 'correlation', both, correlated),
    ('sources_vs_gas_storage', 'correlation', both + ['anomaly_correlation_given_temperature'], ['gas/withdrawal']),
    ('mix_by_season', 'percent', ['season_share'], seasonal),
    ('mix_by_season', 'percentage_points', ['season_difference'], seasonal),
    ('mix_by_season', 'percentage_points_per_year', ['season_trend'], seasonal),
    ('mix_by_season', 'percent', ['explained_by_season', 'explained_by_year'], sources),
    ('exchanges_vs_gas_storage', 'correlation', ['raw_correlation', 'same_month_correlation'], flows),
  ]) }}
{% endmacro %}

{#- Columns that are the same for all observations of a series. -#}
{% macro series_properties() %}
  {{ return(['question', 'part', 'method', 'kind', 'fine', 'minimum', 'least_years', 'has_years', 'together', 'period_kind', 'period']) }}
{% endmacro %}

{#- The rows that have a sentence of their own on the page: question, method, part, and the name of the sentence in the
    page's texts. -#}
{% macro answer_sentences() %}
  {{ return([
    ('gas_storage_vs_temperature', 'within_month', 'withdrawal/november_to_march', 'withdrawal'),
    ('gas_storage_vs_temperature', 'anomaly_correlation', 'stock', 'level'),
    ('gas_storage_vs_temperature', 'per_winter', 'drawdown', 'drawdown'),
    ('gas_storage_vs_temperature', 'annual_phase', 'stock', 'phase'),
    ('gas_storage_vs_temperature', 'previous_years', 'fill', 'fill'),
    ('sources_vs_temperature', 'within_month', 'consumption', 'cold'),
    ('sources_vs_temperature', 'within_winter', 'thermosensitivity/day', 'thermal'),
    ('sources_vs_temperature', 'within_month_above_threshold', 'consumption', 'cooling'),
    ('sources_vs_gas_storage', 'anomaly_correlation_given_temperature', 'gas/withdrawal', 'plants'),
    ('exchanges_vs_gas_storage', 'same_month_correlation', 'all/volume', 'exchange'),
  ]) }}
{% endmacro %}

{#- The hours of the day as text of two digits, 00 to 23. -#}
{% macro hours_of_day() %}
  {%- set hours = [] -%}
  {%- for hour in range(24) -%}{%- do hours.append('%02d' % hour) -%}{%- endfor -%}
  {{ return(hours) }}
{% endmacro %}
