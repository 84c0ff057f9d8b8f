"""What the page shows, read from the marts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from odre.contract import load_contract, tables
from odre.dashboard import steps
from odre.dashboard.sections import sections
from odre.dashboard.vocabulary import read_vocabulary

if TYPE_CHECKING:
    from google.cloud.bigquery import Client
    from google.cloud.bigquery.table import RowIterator

# Number of decimals that are kept, by the unit in the name of a column. The page shows fewer, and a file with all
# digits would be ten times as large.
_DECIMALS = {"_mwh": 1, "_gwh": 3, "_celsius": 3, "_per_kwh": 2, "_level": 5, "_share": 5, "_mw": 1,
             "_years_mean": 4, "_years_min": 4, "_years_max": 4}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """Contents of the page, ready to be written as JSON.

    :param days: column name → values, one per day in order; see mart `dashboard_daily`.
    :param gaps: spans of days with the same thing missing or implausible: table, first, last, reason, missing.
    :param sources: one entry per dataset with a contract: table, dataset_id, title and title_fr, publisher, license,
        last_complete.
    :param steps: steps of the latest days; see `odre.dashboard.steps`.
    :param marts: the further data that the sections read (`Section.reads`): name → column → values.
    :param published_at: when the page was made, in the time zone that its instants are shown in.
    :param synthetic: landing tables that hold the synthetic sample.
    """

    days: dict[str, list[Any]]
    gaps: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    steps: dict[str, steps.Day]
    marts: dict[str, dict[str, list[Any]]]
    last_observed_at: datetime | None
    published_at: datetime
    synthetic: tuple[str, ...]


def queries(dataset: str) -> dict[str, str]:
    """The statements that are sent, by name.

    :param dataset: `project.dataset` of the marts.
    """
    shown = sections(read_vocabulary())
    read = {name: sql for section in shown for name, sql in section.reads.items()}
    return {name: sql.format(marts=dataset) for name, sql in read.items()} | {
        "days": f"select * from `{dataset}.dashboard_daily` order by local_date",
        # A complete day can have implausible values too: gas moved by more than storages can, or a forecast is a
        # straight line. And a day with implausible values may also lack the source's newest answer: then it has two
        # gaps.
        "gaps": "select source_table, local_date, gap.missing, gap.reason "
        f"from `{dataset}.completeness_daily` cross join unnest(["
        "struct(coalesce(missing, if(is_set_aside, 'newer values', null)) as missing, "
        "if(reason = 'implausible at the source', null, reason) as reason), "
        "struct(if(missing is null, implausible, null) as missing, 'implausible at the source' as reason)]) as gap "
        "where gap.reason is not null and (gap.missing is not null or gap.reason != 'implausible at the source') "
        "order by source_table, gap.reason, gap.missing, local_date",
        "complete": f"select source_table, max(if(is_complete, local_date, null)) as last_complete "
        f"from `{dataset}.completeness_daily` group by source_table order by source_table",
    }


def read_page(client: Client, dataset: str, published_at: datetime, synthetic: tuple[str, ...]) -> Page:
    """Read everything the page shows.

    :param dataset: `project.dataset` of the marts.
    :raises google.api_core.exceptions.GoogleAPIError: a mart is missing or cannot be read.
    """
    found = {name: client.query(sql).result() for name, sql in queries(dataset).items()}
    columns = _columns(found.pop("days"))
    observed = [instant for instant in columns.pop("last_observed_at") if instant]
    latest = steps.latest_days([day.isoformat() for day in columns["local_date"]], columns["observed_steps"])
    complete = {row["source_table"]: row["last_complete"] for row in found.pop("complete")}
    return Page(
        days=_plain_columns(columns),
        gaps=spans([dict(row.items()) for row in found.pop("gaps")]),
        steps=read_steps(client, dataset, *latest) if latest else {},
        marts={name: _plain_columns(_columns(rows)) for name, rows in found.items()},
        sources=[source_entry(table, complete.get(table)) for table in tables()],
        last_observed_at=max(observed, default=None),
        published_at=published_at,
        synthetic=synthetic,
    )


def read_steps(client: Client, dataset: str, first: date, last: date) -> dict[str, steps.Day]:
    """The steps of the days from `first` to `last`, by ISO date; see `odre.dashboard.steps`."""
    return steps.by_day(_columns(client.query(steps.query(dataset, first, last)).result()))


def _columns(rows: RowIterator) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = rows.to_arrow(create_bqstorage_client=False).to_pydict()
    return columns


def _plain_columns(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: _values(name, values) for name, values in columns.items()}


def _values(name: str, values: list[Any]) -> list[Any]:
    decimals = next((n for suffix, n in _DECIMALS.items() if name.endswith(suffix)), None)
    return [_plain(value, decimals) for value in values]


def _plain(value: Any, decimals: int | None) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        rounded = value if decimals is None else round(value, decimals)
        return int(rounded) if rounded.is_integer() else rounded
    return value


def spans(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join consecutive days that lack the same thing for the same reason.

    :param rows: source_table, local_date, reason, missing; ordered by the days of the same gap.
    """
    joined: list[dict[str, Any]] = []
    for row in rows:
        same = ("source_table", "reason", "missing")
        last = joined[-1] if joined else None
        if last and all(last[k] == row[k] for k in same) and (row["local_date"] - last["last"]).days == 1:
            last["last"] = row["local_date"]
        else:
            joined.append({k: row[k] for k in same} | {"first": row["local_date"], "last": row["local_date"]})
    return joined


def source_entry(table: str, last_complete: date | None) -> dict[str, Any]:
    """What the page says of a dataset; see `Page.sources`."""
    contract = load_contract(table)
    return {
        "table": table,
        "dataset_id": contract.dataset_id,
        "title": contract.title,
        "title_fr": contract.title_fr or contract.title,
        "publisher": contract.publisher,
        "license": contract.license,
        "last_complete": last_complete,
    }
