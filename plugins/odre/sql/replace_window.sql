-- Replaces the window of a landing table with the answer of the source and writes the row of the ledger, both in one
-- transaction. When the batch cannot be trusted, the script ends with an error instead and changes nothing. The template
-- is rendered by odre.sql.merge. The literal bounds of the window let BigQuery prune partitions.
--
-- The words used here:
--   batch      the rows that the run extracted, in a table of their own
--   standing   the rows of the window that the landing table holds before the MERGE
--   part       the rows that a publisher answers as a whole: those with the same {{ coverage | join(', ') }}. Its columns
--              other than the date are joined into one text
--   later      the parts that were answered, by the ledger, by loads whose source was asked after that of this load
--   current    the rows of the batch that may replace standing rows. Not current are rows of days that the table holds in
--              a more mature state, and of parts that a later load has answered in the same or a more mature state. A day
--              is as mature as its most mature row, because days are replaced whole
--   covered    a standing row whose part the source still answers, because a current row belongs to the same part
--   held back  a day that would lose all its observed values, more than half of its covered rows, or more than half of
--              the values of a required measure at keys that both hold, and so is not replaced
--   admitted   the current rows of days that are not held back
--   gone       a covered row whose key no admitted row has: the source has withdrawn it, so it is deleted. No row is gone
--              on a day of which the extraction left out single rows, because the covered row may be one of these, under
--              an entity's name that the contract does not declare

{%- set in_window = date ~ " between date '" ~ load.window.start ~ "' and date '" ~ load.window.end ~ "'" -%}
{%- set asked_at = "timestamp '" ~ load.asked_at.isoformat() ~ "'" -%}
{%- set others = coverage | reject('equalto', date) | list -%}

{%- macro same(left, right, names) -%}
  {%- for name in names %}{{ ' and ' if not loop.first }}{{ left }}.{{ name }} = {{ right }}.{{ name }}{% endfor -%}
{%- endmacro -%}

{%- macro part(row) -%}
  {%- for name in others %}{{ " || '/' || " if not loop.first }}coalesce(cast({{ row }}.{{ name }} as string), ''){% endfor -%}
  {%- if not others %}''{% endif -%}
{%- endmacro -%}

{%- macro days(list) -%}
  array<date>[{% for day in list %}{{ ', ' if not loop.first }}date '{{ day }}'{% endfor %}]
{%- endmacro -%}

{%- macro rank(column) -%}
  case {{ column }}{% for state in maturity.order %} when '{{ state | replace("'", "\\'") }}' then {{ loop.index0 }}{% endfor %} end
{%- endmacro -%}

{%- macro day_maturity(row) -%}
  {%- if maturity -%}
    max({{ rank(row ~ '.' ~ maturity.column) }}) over (partition by {{ row }}.{{ date }})
  {%- else -%}
    0
  {%- endif -%}
{%- endmacro -%}

{%- macro decided() -%}
  with later as (
    select answer.local_date, answer.part, max(answer.maturity) as maturity
    from `{{ ledger_table }}` as other, unnest(other.answered) as answer
    where other.table_name = '{{ table }}' and other.asked_at > {{ asked_at }}
    group by answer.local_date, answer.part
  ),

  standing as (
    select held.*, {{ part('held') }} as part, {{ day_maturity('held') }} as day_maturity
    from `{{ landing_table }}` as held
    where held.{{ in_window }}
  ),

  held_days as (
    select {{ date }}, max(day_maturity) as maturity, countif({{ observed }} is not null) as observed_rows
    from standing
    group by {{ date }}
  ),

  -- by key, because the standing row may belong to another part than the row of the batch
  held_keys as (
    select standing.{{ key | join(', standing.') }}, max(later.maturity) as later_maturity
    from standing
    inner join later on standing.{{ date }} = later.local_date and standing.part = later.part
    group by standing.{{ key | join(', standing.') }}
  ),

  proposed as (
    select batch.*, {{ part('batch') }} as part, {{ day_maturity('batch') }} as day_maturity
    from `{{ batch_table }}` as batch
  ),

  judged as (
    select
      proposed.*,
      coalesce(proposed.day_maturity >= held_days.maturity, true)
      and coalesce(proposed.day_maturity > later.maturity, true)
      and coalesce(proposed.day_maturity > held_keys.later_maturity, true) as is_current
    from proposed
    left join held_days on proposed.{{ date }} = held_days.{{ date }}
    left join later on proposed.{{ date }} = later.local_date and proposed.part = later.part
    left join held_keys on {{ same('proposed', 'held_keys', key) }}
  ),

  current_rows as (
    select * from judged where is_current
  ),

  current_parts as (
    select {{ date }}, part, max(day_maturity) as day_maturity from current_rows group by {{ date }}, part
  ),

  covered as (
    select
      standing.*,
      current_rows.{{ date }} is null and standing.{{ date }} not in unnest({{ days(load.days_lacking_rows) }}) as is_missing
    from standing
    inner join current_parts
      on standing.{{ date }} = current_parts.{{ date }} and standing.part = current_parts.part
    left join current_rows on {{ same('standing', 'current_rows', key) }}
  ),

  losses as (
    select {{ date }}, countif(is_missing) as missing_rows, count(*) as covered_rows
    from covered
    group by {{ date }}
  ),

  -- A consolidated day has fewer steps than the same day had in real time. Consumption is therefore compared only between
  -- rows of one maturity, and other measures only where the new row is observed.
  taken as (
    select
      standing.{{ date }},
      {%- for name in measures %}
      {%- set comparable = 'standing.' ~ name ~ ' is not null and '
        ~ ('current_rows.day_maturity = standing.day_maturity' if name == observed else 'current_rows.' ~ observed ~ ' is not null') %}
      2 * countif({{ comparable }} and current_rows.{{ name }} is null) > countif({{ comparable }}) as loses_{{ name }}
      {{- ',' if not loop.last }}
      {%- endfor %}
    from standing
    inner join current_rows on {{ same('standing', 'current_rows', key) }}
    group by standing.{{ date }}
  ),

  taken_names as (
    select
      {{ date }},
      trim(concat({% for name in measures %}{{ ', ' if not loop.first }}if(loses_{{ name }}, ' {{ name }}', ''){% endfor %})) as names
    from taken
  ),

  current_days as (
    select {{ date }}, countif({{ observed }} is not null) as observed_rows
    from current_rows
    group by {{ date }}
  ),

  held_back as (
    select
      current_days.{{ date }} as local_date,
      case
        when current_days.observed_rows = 0 and held_days.observed_rows > 0 then 'would lose all observed values'
        when losses.missing_rows * 2 > losses.covered_rows then 'would lose most rows'
        else concat('would lose most values of ', replace(taken_names.names, ' ', ', '))
      end as reason
    from current_days
    left join held_days on current_days.{{ date }} = held_days.{{ date }}
    left join losses on current_days.{{ date }} = losses.{{ date }}
    left join taken_names on current_days.{{ date }} = taken_names.{{ date }}
    where
      (
        (current_days.observed_rows = 0 and held_days.observed_rows > 0)
        or losses.missing_rows * 2 > losses.covered_rows
        or taken_names.names != ''
      )
      {%- if accepted_losses %}
      and current_days.{{ date }} not in (
        {%- for day in accepted_losses %}{{ ', ' if not loop.first }}date '{{ day }}'{% endfor -%}
      )
      {%- endif %}
  )
{%- endmacro %}

begin transaction;

insert into `{{ ledger_table }}` (
  load_id, table_name, run_kind, run_id, window_start, window_end, asked_at, merged_at, uri, generation, md5, row_count,
  segments, is_partial, is_synthetic, days_set_aside, answered, days_kept, held_back, days_undecided
)
{{ decided() }},

  -- The counts by which the batch is refused before anything is changed. They are part of the statement that writes the
  -- ledger, because BigQuery bills every statement for every table that it names.
  counted as (
    select
      (select count(*) from proposed) as loaded,
      (select count(*) from proposed where coalesce(not {{ in_window }}, true)) as outside,
      (select count(*) from (select distinct {{ key | join(', ') }} from proposed) as keys) as distinct_keys,
      (select count(*) from standing) as standing,
      (
        select count(*) from `{{ ledger_table }}`
        where asked_at is not null and is_synthetic != {{ load.is_synthetic | lower }}
      ) as mixed
  ),

  checked as (
    select
      case
        when loaded != {{ load.rows }} then error(format(
          '{{ dataset }}: %d rows were loaded of {{ load.rows }} extracted for {{ load.window }} {{ refused }}; '
          || 'clear the load task and run it again', loaded
        ))
        when outside > 0 then error(format(
          '{{ dataset }}: %d of the rows that were loaded are not of {{ load.window }} {{ refused }}; '
          || 'clear the extract task and what follows it', outside
        ))
        when mixed > 0 then error(
          '{{ dataset }}: the warehouse holds {{ 'real data' if load.is_synthetic else 'a synthetic sample' }}, and the source '
          || 'gives {{ 'a synthetic sample' if load.is_synthetic else 'real data' }} for {{ load.window }} {{ refused }}; '
          || 'empty the warehouse first (on a laptop: make reset), or ask the other source'
        )
        when loaded != distinct_keys then error(format(
          '{{ dataset }}: %d rows were loaded for {{ load.window }}, with %d different keys {{ refused }}; '
          || 'clear the extract task and what follows it', loaded, distinct_keys
        ))
        when loaded = 0 and standing > 0 then error(format(
          '{{ dataset }}: the source has no row for {{ load.window }}, where the table has %d {{ refused }}; '
          || 'try again later, or ask for a window that the source still holds', standing
        ))
        else 'accepted'
      end as verdict
    from counted
  )

select
  '{{ load.load_id }}' as load_id,
  '{{ table }}' as table_name,
  '{{ load.run_kind }}' as run_kind,
  {{ load.run_id | text }} as run_id,
  date '{{ load.window.start }}' as window_start,
  date '{{ load.window.end }}' as window_end,
  {{ asked_at }} as asked_at,
  current_timestamp() as merged_at,
  {{ load.uri | text }} as uri,
  {{ load.generation }} as generation,
  {{ load.md5 | text }} as md5,
  {{ load.rows }} as row_count,
  array<string>[{{ load.segments | map('text') | join(', ') }}] as segments,
  {{ load.is_partial | lower }} as is_partial,
  {{ load.is_synthetic | lower }} as is_synthetic,
  {{ days(load.days_set_aside) }} as days_set_aside,
  array(
    select as struct current_parts.{{ date }} as local_date, current_parts.part, current_parts.day_maturity as maturity
    from current_parts
    where current_parts.{{ date }} not in (select held_back.local_date from held_back)
  ) as answered,
  array(select distinct judged.{{ date }} from judged where not judged.is_current) as days_kept,
  array(select as struct held_back.local_date, held_back.reason from held_back) as held_back,
  array(
    select local_date
    from unnest({{ days(load.days_undecided) }}) as local_date
    union distinct
    select held_back.local_date
    from held_back
    {%- if refused_losses %}
    where held_back.local_date not in unnest({{ days(refused_losses) }})
    {%- endif %}
  ) as days_undecided
from checked
where verdict = 'accepted';

merge `{{ landing_table }}` as landed
using (
  {{ decided() }}

  select {{ columns | join(', ') }}, false as is_gone
  from current_rows
  where {{ date }} not in (select held_back.local_date from held_back)
  union all
  select {{ columns | join(', ') }}, true as is_gone
  from covered
  where is_missing and {{ date }} not in (select held_back.local_date from held_back)
) as incoming
on landed.{{ in_window }} and {{ same('landed', 'incoming', key) }}
when matched and incoming.is_gone then delete
when matched and (
  {%- for name in values %}
  {{ 'or ' if not loop.first }}landed.{{ name }} is distinct from incoming.{{ name }}
  {%- endfor %}
) then update set
  {%- for name in values %}
  {{ name }} = incoming.{{ name }},
  {%- endfor %}
  load_id = '{{ load.load_id }}'
when not matched by target and not incoming.is_gone then
  insert ({{ columns | join(', ') }}, load_id)
  values (incoming.{{ columns | join(', incoming.') }}, '{{ load.load_id }}');

commit transaction;

select days_kept, held_back
from `{{ ledger_table }}`
where table_name = '{{ table }}' and asked_at = {{ asked_at }} and load_id = '{{ load.load_id }}'
order by merged_at desc
limit 1;
