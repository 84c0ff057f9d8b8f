-- Makes the window of a landing table what the source says of it, in one atomic MERGE, or refuses with a message and
-- changes nothing. Rendered by odre.sql.merge. The literal bounds of the window let BigQuery prune partitions.
--
-- The words used here:
--   batch      the rows that the run extracted, in a table of their own
--   standing   the rows of the window that the landing table holds before the MERGE
--   admitted   the rows of the batch that may replace what stands: all of them, except those of days that the table
--              holds in a more mature state. A day is as mature as its most mature row, because days are replaced whole
--   covered    a standing row about which the source still speaks: an admitted row has the same {{ coverage | join(', ') }}
--   gone       a covered row whose key no admitted row has: the source has withdrawn it, so it is deleted
--   blanked    a day with observed values in the table of which the admitted rows have none

{%- set in_window = date ~ " between date '" ~ window_start ~ "' and date '" ~ window_end ~ "'" -%}
{%- set window = window_start ~ ' … ' ~ window_end -%}

{%- macro same(left, right, names) -%}
  {%- for name in names %}{{ ' and ' if not loop.first }}{{ left }}.{{ name }} = {{ right }}.{{ name }}{% endfor -%}
{%- endmacro -%}

{%- macro rank(column) -%}
  case {{ column }}{% for state in maturity.order %} when '{{ state | replace("'", "\\'") }}' then {{ loop.index0 }}{% endfor %} end
{%- endmacro -%}

{%- macro admitted_and_gone() -%}
  with admitted as (
    select batch.{{ columns | join(', batch.') }}
    from `{{ batch_table }}` as batch
    {%- if maturity %}
    left join (
      select {{ date }}, max({{ rank(maturity.column) }}) as maturity
      from `{{ landing_table }}`
      where {{ in_window }}
      group by {{ date }}
    ) as held on batch.{{ date }} = held.{{ date }}
    where true
    qualify
      held.maturity is null
      or max({{ rank('batch.' ~ maturity.column) }}) over (partition by batch.{{ date }}) >= held.maturity
    {%- endif %}
  ),

  gone as (
    select {{ columns | join(', ') }}
    from `{{ landing_table }}` as standing
    where
      {{ in_window }}
      and exists (
        select 1 from admitted as batch
        where {{ same('standing', 'batch', coverage) }}
      )
      and not exists (
        select 1 from admitted as batch
        where {{ same('standing', 'batch', key) }}
      )
  )
{%- endmacro %}

-- Refusals: each ends the script before anything is changed.
select
  case
    when loaded != {{ rows }} then error(format(
      '{{ dataset }}: %d rows were loaded of {{ rows }} extracted for {{ window }} {{ refused }}; '
      || 'clear the load task and run it again', loaded
    ))
    when loaded = 0 and standing > 0 then error(format(
      '{{ dataset }}: the source has no row for {{ window }}, where the table has %d {{ refused }}; '
      || 'try again later, or ask for a window that the source still holds', standing
    ))
    when blanked > 0 then error(format(
      '{{ dataset }}: %d days of {{ window }} that have observed values would lose all of them {{ refused }}; '
      || 'try again later, or report it to ODRÉ', blanked
    ))
    when vanished * 2 > covered then error(format(
      '{{ dataset }}: %d of the %d rows that stand in {{ window }} would be deleted {{ refused }}; '
      || 'try again later, or report it to ODRÉ', vanished, covered
    ))
    else 'accepted'
  end as verdict
from (
  {{ admitted_and_gone() }}

  select
    (select count(*) from `{{ batch_table }}`) as loaded,
    (
      select count(*)
      from `{{ landing_table }}`
      where {{ in_window }}
    ) as standing,
    (select count(*) from gone) as vanished,
    (
      select count(*)
      from `{{ landing_table }}` as standing
      where
        {{ in_window }}
        and exists (
          select 1 from admitted as batch
          where {{ same('standing', 'batch', coverage) }}
        )
    ) as covered,
    (
      select count(*)
      from (
        select {{ date }}
        from admitted
        group by {{ date }}
        having countif({{ observed }} is not null) = 0
      ) as unobserved
      inner join (
        select distinct {{ date }}
        from `{{ landing_table }}`
        where {{ in_window }} and {{ observed }} is not null
      ) as known on unobserved.{{ date }} = known.{{ date }}
    ) as blanked
);

merge `{{ landing_table }}` as landed
using (
  {{ admitted_and_gone() }}

  select {{ columns | join(', ') }}, false as is_gone from admitted
  union all
  select {{ columns | join(', ') }}, true as is_gone from gone
) as incoming
on landed.{{ in_window }} and {{ same('landed', 'incoming', key) }}
when matched and incoming.is_gone then delete
when matched and (
  {%- for name in values %}
  {{ 'or ' if not loop.first }}landed.{{ name }} is distinct from incoming.{{ name }}
  {%- endfor %}
) then update set
  {%- for name in values %}
  {{ name }} = incoming.{{ name }}{{ ',' if not loop.last }}
  {%- endfor %}
when not matched by target and not incoming.is_gone then
  insert ({{ columns | join(', ') }})
  values (incoming.{{ columns | join(', incoming.') }});
