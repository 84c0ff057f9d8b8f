{#- The categories days are put into; each with what orders it. -#}

{#- Meteorological season of a day. -#}
{% macro season(day) -%}
  case
    when extract(month from {{ day }}) in (12, 1, 2) then 'winter'
    when extract(month from {{ day }}) in (3, 4, 5) then 'spring'
    when extract(month from {{ day }}) in (6, 7, 8) then 'summer'
    else 'autumn'
  end
{%- endmacro %}

{#- Year of the season: December belongs to the winter of the year that follows. -#}
{% macro season_year(day) -%}
  extract(year from date_add({{ day }}, interval 1 month))
{%- endmacro %}

{#- Bands of 5 °C by their lower bound, which is part of the band; the coldest and warmest are open. -#}
{% macro temperature_bands() %}
  {{ return([
    (none, 0, 'below 0 °C'), (0, 5, '0 to 5 °C'), (5, 10, '5 to 10 °C'), (10, 15, '10 to 15 °C'),
    (15, 20, '15 to 20 °C'), (20, 25, '20 to 25 °C'), (25, none, '25 °C and above'),
  ]) }}
{% endmacro %}

{#- Fifths of the fill level by their lower bound, which is part of the band. -#}
{% macro fill_bands() %}
  {{ return([
    (none, 0.2, 'below 20 %'), (0.2, 0.4, '20 to 40 %'), (0.4, 0.6, '40 to 60 %'), (0.6, 0.8, '60 to 80 %'),
    (0.8, none, '80 % and above'),
  ]) }}
{% endmacro %}

{#- Condition that a value lies in a band (lower bound, upper bound, name). -#}
{% macro in_band(value, band) -%}
  {{ value }} {{ '>= ' ~ band[0] if band[0] is not none else 'is not null' }}
  {%- if band[1] is not none %} and {{ value }} < {{ band[1] }}{% endif %}
{%- endmacro %}

{#- Name of the band `value` lies in, null when it is null. -#}
{% macro band_name(value, bands) -%}
  case
    {%- for band in bands %}
    when {{ in_band(value, band) }} then '{{ band[2] }}'
    {%- endfor %}
  end
{%- endmacro %}

{#- Position of a band in its list, from 1. -#}
{% macro band_order(value, bands) -%}
  case
    {%- for band in bands %}
    when {{ in_band(value, band) }} then {{ loop.index }}
    {%- endfor %}
  end
{%- endmacro %}
