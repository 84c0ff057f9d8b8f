{#- Categories of days, and the order of the categories. -#}

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

{#- Temperature bands of 5 °C as (lower bound, upper bound, name). A band contains its lower bound and not its upper
    bound. The coldest band has no lower bound and the warmest has no upper one. -#}
{% macro temperature_bands() %}
  {{ return([
    (none, 0, 'below 0 °C'), (0, 5, '0 to 5 °C'), (5, 10, '5 to 10 °C'), (10, 15, '10 to 15 °C'),
    (15, 20, '15 to 20 °C'), (20, 25, '20 to 25 °C'), (25, none, '25 °C and above'),
  ]) }}
{% endmacro %}

{#- Bands of the fill level, a fifth each, as (lower bound, upper bound, name). A band contains its lower bound and not
    its upper bound. -#}
{% macro fill_bands() %}
  {{ return([
    (none, 0.2, 'below 20 %'), (0.2, 0.4, '20 to 40 %'), (0.4, 0.6, '40 to 60 %'), (0.6, 0.8, '60 to 80 %'),
    (0.8, none, '80 % and above'),
  ]) }}
{% endmacro %}

{#- Condition that `value` lies in a band; a null lies in no band. -#}
{% macro in_band(value, band) -%}
  {{ value }} {{ '>= ' ~ band[0] if band[0] is not none else 'is not null' }}
  {%- if band[1] is not none %} and {{ value }} < {{ band[1] }}{% endif %}
{%- endmacro %}

{#- Name of the band that `value` lies in; null when `value` is null. -#}
{% macro band_name(value, bands) -%}
  case
    {%- for band in bands %}
    when {{ in_band(value, band) }} then '{{ band[2] }}'
    {%- endfor %}
  end
{%- endmacro %}

{#- Position of the band that `value` lies in, counted from 1 along the list. -#}
{% macro band_order(value, bands) -%}
  case
    {%- for band in bands %}
    when {{ in_band(value, band) }} then {{ loop.index }}
    {%- endfor %}
  end
{%- endmacro %}
