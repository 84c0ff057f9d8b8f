"""The SQL that turns a batch table into landing-table rows. Plain GoogleSQL; values that are only known
at run time may be given as Jinja expressions, which Airflow renders."""

from __future__ import annotations

from odre.contract import Contract

# In every message with which a script refuses its batch, and nowhere else: it tells a refusal from other errors.
REFUSED = "→ nothing was changed"


def replace_window(contract: Contract, target: str, batch: str, window_start: str, window_end: str, rows: str) -> str:
    """A script that makes the window of `target` what `batch` says, in one atomic MERGE, or fails before
    it with a message and changes nothing.

    Matched rows are updated when they differ, new ones inserted, and rows that the source no longer has
    deleted, the latter only where the batch still covers them (`Contract.coverage`). A batch never
    replaces rows of a day that the table holds in a more mature state. Literal bounds on the partition
    column let BigQuery prune.

    :param target: landing table, `project.dataset.table`.
    :param batch: table that holds the extracted rows, `project.dataset.table`.
    :param window_start: first local day, ISO 8601.
    :param window_end: last local day, ISO 8601, included.
    :param rows: number of rows extracted.
    """
    names = [column.name for column in contract.columns]
    values = [name for name in names if name not in contract.key]
    return _TEMPLATE.format(
        target=target,
        batch=batch,
        rows=rows,
        dataset=contract.dataset_id,
        refused=REFUSED,
        window=f"{window_start} … {window_end}",
        in_window=f"{contract.date_column} between date '{window_start}' and date '{window_end}'",
        date=contract.date_column,
        observed=contract.observed_column,
        columns=", ".join(names),
        qualified=", ".join(f"batch.{name}" for name in names),
        admitted=_admitted(contract, target, window_start, window_end),
        same_key=_all_equal("standing", "batch", contract.key),
        covered=_all_equal("standing", "batch", contract.coverage),
        coverage=", ".join(contract.coverage),
        merge_key=_all_equal("landed", "incoming", contract.key),
        differs="\n    or ".join(f"landed.{name} is distinct from incoming.{name}" for name in values),
        assignments=",\n    ".join(f"{name} = incoming.{name}" for name in values),
        inserted=", ".join(f"incoming.{name}" for name in names),
    )


def _all_equal(left: str, right: str, names: list[str]) -> str:
    return " and ".join(f"{left}.{name} = {right}.{name}" for name in names)


def _admitted(contract: Contract, target: str, window_start: str, window_end: str) -> str:
    """The batch rows that may replace what stands: all, or those of days not held in a more mature state.

    A day is as mature as its most mature row, in the batch as in the table: days are replaced whole.
    """
    if not contract.maturity:
        return ""
    date, column = contract.date_column, contract.maturity.column
    ranks = " ".join(f"when '{state}' then {rank}" for rank, state in enumerate(contract.maturity.order))
    return f"""
  left join (
    select {date}, max(case {column} {ranks} end) as maturity
    from `{target}`
    where {date} between date '{window_start}' and date '{window_end}'
    group by {date}
  ) as held on held.{date} = batch.{date}
  where true
  qualify held.maturity is null
    or max(case batch.{column} {ranks} end) over (partition by batch.{date}) >= held.maturity"""


# The batch rows that may replace what stands, and the standing rows that the source no longer has.
_ROWS = """\
  with admitted as (
    select {qualified}
    from `{batch}` as batch{admitted}
  ),
  gone as (
    select {columns}
    from `{target}` as standing
    where {in_window}
      and exists (select 1 from admitted as batch where {covered})
      and not exists (select 1 from admitted as batch where {same_key})
  )"""

_TEMPLATE = (
    """\
-- Refusals: each ends the script before anything is changed.
select case
  when loaded != {rows} then error(format(
    '{dataset}: %d rows were loaded of {rows} extracted for {window} {refused}; '
    || 'clear the load task and run it again', loaded))
  when loaded = 0 and standing > 0 then error(format(
    '{dataset}: the source has no row for {window}, where the table has %d {refused}; '
    || 'try again later, or ask for a window that the source still holds', standing))
  when blanked > 0 then error(format(
    '{dataset}: %d days of {window} that have observed values would lose all of them {refused}; '
    || 'try again later, or report it to ODRÉ', blanked))
  when vanished * 2 > covered then error(format(
    '{dataset}: %d of the %d rows that stand in {window} would be deleted {refused}; '
    || 'try again later, or report it to ODRÉ', vanished, covered))
  else 'accepted'
end as verdict
from (
"""
    + _ROWS
    + """
  select
    (select count(*) from `{batch}`) as loaded,
    (select count(*) from `{target}` where {in_window}) as standing,
    (select count(*) from gone) as vanished,
    (
      select count(*) from `{target}` as standing
      where {in_window} and exists (select 1 from admitted as batch where {covered})
    ) as covered,
    (
      select count(*)
      from (
        select {date} from admitted group by {date} having countif({observed} is not null) = 0
      ) as unobserved
      inner join (
        select distinct {date} from `{target}` where {in_window} and {observed} is not null
      ) as known using ({date})
    ) as blanked
);

merge `{target}` as landed
using (
"""
    + _ROWS
    + """
  select {columns}, false as is_gone from admitted
  union all
  select {columns}, true as is_gone from gone
) as incoming
on landed.{in_window} and {merge_key}
when matched and incoming.is_gone then delete
when matched and (
    {differs}
) then update set
    {assignments}
when not matched by target and not incoming.is_gone then
  insert ({columns})
  values ({inserted});
"""
)
