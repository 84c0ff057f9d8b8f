{#- Finds values of a step that cannot be right. A value is implausible when

    - it lies outside the measure's `usual`; or
    - it is part of a spike: on that day a measure moves by more than its `spike` from one step to the next, and the
      value stands that far above some step of the two hours before and some step of the two hours after, or that far
      below. Where the day does not have two hours before or after the step, the value must stand that far above, or
      below, all steps from two to four hours away on the other side.

    A rise or a fall that lasts counts as real. Each day is judged by its own steps only, so that the order of windows
    makes no difference. Implausible values stay in the landing table and in staging; all later models treat them as
    missing, and `completeness_daily` names them. -#}

{#- The measures whose values are judged: those with bounds (`usual`) or a `spike`. -#}
{% macro bounded_measures(kinds=none) %}
  {%- set chosen = [] -%}
  {%- for measure in measures(kinds) if measure.usual or measure.spike -%}{%- do chosen.append(measure) -%}{%- endfor -%}
  {{ return(chosen) }}
{% endmacro %}

{#- Common table expressions, the last of which is `spikes`: local_date, clock_time, and in `spiking` the names of the
    measures that spike there, each between bars. Only the few days on which a measure jumps are examined, with a row
    per measure.

    steps: name of the expression that holds the steps -#}
{% macro spikes_of(steps) -%}
  {%- set spiking = measures() | selectattr('spike') | list -%}
  {%- set of_day = 'over (partition by local_date, measure order by clock_minutes range between ' -%}
  timed as (

    select
      *,
      60 * cast(substr(clock_time, 1, 2) as int64) + cast(substr(clock_time, 4, 2) as int64) as clock_minutes,
      row_number() over (partition by local_date order by clock_time) as place
    from {{ steps }}
    where consumption_mw is not null

  ),

  jumpy_days as (

    -- A join takes a fraction of the time of a window function for each measure.
    select distinct timed.local_date
    from timed
    inner join timed as before
      on
        timed.local_date = before.local_date
        and timed.place = before.place + 1
    where
      {% for measure in spiking -%}
      abs(timed.{{ measure.name }} - before.{{ measure.name }}) > {{ measure.spike }}
      {{ 'or ' if not loop.last }}
      {%- else -%}
      false
      {%- endfor %}

  ),

  jumpy_steps as (

    select
      timed.*,
      timed.clock_minutes - 120 < min(timed.clock_minutes) over (partition by timed.local_date) as begins_day,
      timed.clock_minutes + 120 > max(timed.clock_minutes) over (partition by timed.local_date) as ends_day
    from timed
    inner join jumpy_days on timed.local_date = jumpy_days.local_date

  ),

  by_measure as (

    {% for measure in spiking -%}
    select
      local_date, clock_time, clock_minutes, begins_day, ends_day,
      '{{ measure.name }}' as measure, {{ measure.name }} as measured, {{ measure.spike }} as spike
    from jumpy_steps
    {{ 'union all ' if not loop.last }}
    {%- else -%}
    select
      local_date, clock_time, clock_minutes, begins_day, ends_day,
      '' as measure, consumption_mw as measured, 0 as spike
    from jumpy_steps
    where false
    {%- endfor %}

  ),

  surrounded as (

    -- A value is compared with the two hours before it and the two hours after it. Where one of these lies outside the
    -- day, it is compared with all steps from two to four hours away on the other side.
    select
      *,
      {% for side, edge, near, far in [
        ('before', 'begins_day', '120 preceding and current row', '120 following and 240 following'),
        ('after', 'ends_day', 'current row and 120 following', '240 preceding and 120 preceding')
      ] -%}
      if({{ edge }}, max(measured) {{ of_day }}{{ far }}), min(measured) {{ of_day }}{{ near }})) as low_{{ side }},
      if({{ edge }}, min(measured) {{ of_day }}{{ far }}), max(measured) {{ of_day }}{{ near }})) as high_{{ side }}
      {{- ',' if not loop.last }}
      {% endfor -%}
    from by_measure

  ),

  spikes as (

    select
      local_date,
      clock_time,
      string_agg(concat('|', measure, '|'), '' order by measure) as spiking
    from surrounded
    where
      (measured - low_before > spike and measured - low_after > spike)
      or (high_before - measured > spike and high_after - measured > spike)
    group by local_date, clock_time

  )
{%- endmacro %}

{#- Whether a step's value of a measure is implausible; false where the step has no value. `steps` and `spikes` are the
    aliases of the step and of its row of `spikes_of`, which may be missing. -#}
{% macro is_implausible(measure, steps='steps', spikes='spikes') -%}
  {%- set rules = [] -%}
  {%- if measure.usual -%}
    {%- do rules.append('%s.%s not between %s and %s' % (steps, measure.name, measure.usual[0], measure.usual[1])) -%}
  {%- endif -%}
  {%- if measure.spike -%}{%- do rules.append("strpos(%s.spiking, '|%s|') > 0" % (spikes, measure.name)) -%}{%- endif -%}
  coalesce({{ rules | join(' or ') }}, false)
{%- endmacro %}

{#- Whether the mean of an hour lies on the straight line between the means of the hours before and after it. -#}
{% macro is_on_a_line(value) -%}
  {%- set hours = 'over (partition by local_date order by clock_hour)' -%}
  abs(lag({{ value }}) {{ hours }} - 2 * {{ value }} + lead({{ value }}) {{ hours }})
  <= {{ var('straight_forecast_tolerance_mw') }}
{%- endmacro %}
