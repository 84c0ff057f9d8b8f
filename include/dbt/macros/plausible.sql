{#- Which values of a step cannot be right. A value is implausible when

    - it lies outside the measure's `usual`; or
    - it is part of a spike: on that day the measure moves by more than its `spike` from one known step to the next, and
      the value stands that far above some step of the two hours before and some step of the two hours after, or that far
      below. Where the day does not hold two hours before or after, it has to stand that far above, or below, all steps
      from two to four hours away on the other side.

    A rise or a fall that stays is taken for what it is. Days are judged by their own steps, so that no order of windows
    shows. What is implausible stays in the landing table and in staging, counts as missing
    from there on, and is named in `completeness_daily`. -#}

{#- The measures that can be told to be implausible. -#}
{% macro bounded_measures(kinds=none) %}
  {%- set chosen = [] -%}
  {%- for measure in measures(kinds) if measure.usual or measure.spike -%}{%- do chosen.append(measure) -%}{%- endfor -%}
  {{ return(chosen) }}
{% endmacro %}

{% macro spiking_measures() %}
  {{ return(measures() | selectattr('spike') | list) }}
{% endmacro %}

{#- Common table expressions that end in `spikes`: local_date, clock_time, and `is_spike_<measure>`, for the few days on
    which a measure jumps.

    steps: name of the expression that holds the steps -#}
{% macro spikes_of(steps) -%}
  {%- set spiking = spiking_measures() -%}
  {%- set day = 'partition by local_date order by clock_minutes' -%}
  timed as (

    select
      *,
      60 * cast(substr(clock_time, 1, 2) as int64) + cast(substr(clock_time, 4, 2) as int64) as clock_minutes
    from {{ steps }}
    where consumption_mw is not null

  ),

  jumps as (

    -- From the step before, or from the one before that where it has no value.
    select
      local_date,
      {% for measure in spiking -%}
      abs({{ measure.name }} - coalesce(
        lag({{ measure.name }}) over ({{ day }}), lag({{ measure.name }}, 2) over ({{ day }})
      )) > {{ measure.spike }}
      {{- ' or' if not loop.last }}
      {% else -%}
      false
      {% endfor -%}
      as is_jump
    from timed

  ),

  jumpy_days as (

    select local_date
    from jumps
    where is_jump
    group by local_date

  ),

  surrounded as (

    select
      timed.*,
      clock_minutes - 120 < min(clock_minutes) over (partition by local_date) as begins_day,
      clock_minutes + 120 > max(clock_minutes) over (partition by local_date) as ends_day
    from timed
    inner join jumpy_days using (local_date)

  ),

  spikes as (

    select
      {%- for measure in spiking %}
      {%- set name = measure.name %}
      {{ _stands_apart(name, 'min', 'max', day) }} > {{ measure.spike }}
      or {{ _stands_apart(name, 'max', 'min', day) }} < -{{ measure.spike }} as is_spike_{{ name }},
      {%- endfor %}
      local_date,
      clock_time
    from surrounded

  )
{%- endmacro %}

{#- How far a value stands above what is around it (near 'min', far 'max': the lesser of both sides), or below it
    (near 'max', far 'min': the lesser of both, which is negative). -#}
{% macro _stands_apart(name, near, far, day) -%}
  {{ name }} - {{ 'greatest' if near == 'min' else 'least' }}(
        if(
          begins_day,
          {{ far }}({{ name }}) over ({{ day }} range between 120 following and 240 following),
          {{ near }}({{ name }}) over ({{ day }} range between 120 preceding and current row)
        ),
        if(
          ends_day,
          {{ far }}({{ name }}) over ({{ day }} range between 240 preceding and 120 preceding),
          {{ near }}({{ name }}) over ({{ day }} range between current row and 120 following)
        )
      )
{%- endmacro %}

{#- Whether a step's value of a measure is implausible: false also where it has none. `steps` and `spikes` are the names
    of the step and of its row of `spikes_of`, if it has one. -#}
{% macro is_implausible(measure, steps='steps', spikes='spikes') -%}
  {%- set rules = [] -%}
  {%- if measure.usual -%}
    {%- do rules.append('%s.%s not between %s and %s' % (steps, measure.name, measure.usual[0], measure.usual[1])) -%}
  {%- endif -%}
  {%- if measure.spike -%}{%- do rules.append('%s.is_spike_%s' % (spikes, measure.name)) -%}{%- endif -%}
  coalesce({{ rules | join(' or ') }}, false)
{%- endmacro %}
