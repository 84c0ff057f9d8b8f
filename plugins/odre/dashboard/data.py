"""What the page shows, read from the marts."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from odre.contract import load_contract, tables
from odre.dashboard import steps
from odre.dashboard.listed import Columns, Listed
from odre.dashboard.sections import sections
from odre.dashboard.steps import Day
from odre.dashboard.texts import LANGUAGES
from odre.dashboard.vocabulary import read_vocabulary

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

# Number of decimals that are kept, by the unit in the name of a column. The page shows fewer, and a file with all
# digits would be ten times as large.
_DECIMALS = {"_mwh": 1, "_gwh": 3, "_celsius": 3, "_per_kwh": 2, "_level": 5, "share": 5, "_mw": 1,
             "_years_mean": 4, "_years_min": 4, "_years_max": 4}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """Contents of the page, ready to be written as JSON.

    :param days: column name → values, one per day in order; see mart `dashboard_daily`.
    :param gaps: spans of days with the same thing missing or implausible: table, first, last, reason, missing.
    :param sources: one entry per dataset with a contract: table, dataset_id, title and title_fr, publisher, license,
        last_complete.
    :param steps: steps of the latest days; see `odre.dashboard.steps`.
    :param month_steps: steps of all days of the months in which the latest days lie. They are not part of the page; the
        files beside it are written from them without a further query.
    :param marts: the further data that the sections read (`Section.reads`): name → column → values.
    :param last_observed_at: instant of the last step with a consumption; `None` without a mix.
    :param published_at: when the page was made, in the time zone that its instants are shown in.
    :param synthetic: landing tables that hold the synthetic sample.
    """

    days: dict[str, list[Any]]
    gaps: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    steps: dict[str, Day]
    marts: dict[str, dict[str, list[Any]]]
    last_observed_at: datetime | None
    published_at: datetime
    synthetic: tuple[str, ...]
    month_steps: dict[str, Day] = field(default_factory=dict)


_DAYS = Listed("dashboard_daily", order=("local_date",))
_COMPLETENESS = Listed(
    "completeness_daily",
    ("source_table", "local_date", "is_complete", "is_set_aside", "reason", "missing", "implausible"),
    order=("source_table", "local_date"),
)
_IMPLAUSIBLE = "implausible at the source"


def reads(dataset: str) -> dict[str, str | Listed]:
    """What is read for the page, by name: tables that are listed, and SELECT statements that are sent.

    :param dataset: `project.dataset` of the marts.
    """
    shown = sections(read_vocabulary())
    read = {name: what for section in shown for name, what in section.reads.items()}
    return {name: what.format(marts=dataset) if isinstance(what, str) else what for name, what in read.items()} | {
        "days": _DAYS,
        "completeness": _COMPLETENESS,
    }


def read_page(client: Client, dataset: str, published_at: datetime, synthetic: tuple[str, ...]) -> Page:
    """Read everything that the page shows. All reads run in parallel, because BigQuery takes about a second for each.

    :param dataset: `project.dataset` of the marts.
    :raises google.api_core.exceptions.GoogleAPIError: a mart is missing or cannot be read.
    """
    # A client may be shared by threads: https://cloud.google.com/python/docs/reference/bigquery/latest
    wanted = reads(dataset)
    with ThreadPoolExecutor(len(wanted) + 1) as readers:
        # Altair needs two seconds of computing for the charts. They are made while BigQuery answers.
        charts = readers.submit(_make_charts)
        asked = {name: readers.submit(_read, client, dataset, what) for name, what in wanted.items()}
        columns = asked.pop("days").result()
        observed = [instant for instant in columns.pop("last_observed_at") if instant]
        latest = steps.latest_days([day.isoformat() for day in columns["local_date"]], columns["observed_steps"])
        near = read_steps(client, dataset, latest[0].replace(day=1), steps.last_day(latest[1])) if latest else {}
        found = {name: reading.result() for name, reading in asked.items()}
        charts.result()
    completeness = found.pop("completeness")
    days = [dict(zip(completeness, row, strict=True)) for row in zip(*completeness.values(), strict=True)]
    complete = {day["source_table"]: day["local_date"] for day in days if day["is_complete"]}
    return Page(
        days=_plain_columns(columns),
        gaps=spans(gaps_of(days)),
        steps={day: of_day for day, of_day in near.items() if latest and str(latest[0]) <= day <= str(latest[1])},
        month_steps=near,
        marts={name: _plain_columns(columns) for name, columns in found.items()},
        sources=[source_entry(table, complete.get(table)) for table in tables()],
        last_observed_at=max(observed, default=None),
        published_at=published_at,
        synthetic=synthetic,
    )


def _make_charts() -> dict[str, list[dict[str, Any]]]:
    """The specifications of all charts by language; they are kept with the charts, where `render` finds them."""
    return {
        language: [chart.specification for section in sections(read_vocabulary(language)) for chart in section.charts]
        for language in LANGUAGES
    }


def read_steps(client: Client, dataset: str, first: date, last: date) -> dict[str, Day]:
    """The steps of the days from `first` to `last`, by ISO date; see `odre.dashboard.steps`."""
    return steps.by_day(_read(client, dataset, steps.query(dataset, first, last)))


def _read(client: Client, dataset: str, what: str | Listed) -> Columns:
    if isinstance(what, Listed):
        return what.read(client, dataset)
    columns: Columns = client.query_and_wait(what).to_arrow(create_bqstorage_client=False).to_pydict()
    return columns


def gaps_of(days: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is missing or implausible, in the order that `spans` wants.

    A complete day can have implausible values too, such as a change of the gas stock that no storage can make, or a
    forecast that is a straight line. A day with implausible values whose newest answer was set aside has two gaps.

    :param days: rows of the mart `completeness_daily`.
    """
    found = []
    for day in days:
        if day["reason"] not in (None, _IMPLAUSIBLE):
            missing = day["missing"] or ("newer values" if day["is_set_aside"] else None)
            found.append((day, day["reason"], missing))
        if day["missing"] is None and day["implausible"] is not None:
            found.append((day, _IMPLAUSIBLE, day["implausible"]))
    found.sort(key=lambda gap: (gap[0]["source_table"], gap[1], gap[2] or "", gap[0]["local_date"]))
    return [
        {"source_table": day["source_table"], "local_date": day["local_date"], "missing": missing, "reason": reason}
        for day, reason, missing in found
    ]


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

    :param rows: source_table, local_date, reason and missing; sorted so that days of the same gap follow each other.
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
