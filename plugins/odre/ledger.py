"""The ledger of loads, and the table of what was set aside: two tables beside the landing tables.

`load_ledger` has one row per MERGE, written in the MERGE's own transaction (`sql/replace_window.sql`), so the ledger
and the landing table never disagree. A landing row names, in its column `load_id`, the load that last changed it.
docs/runbook.md shows what to ask.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from google.api_core.exceptions import NotFound
from google.cloud import bigquery

from odre.contract import Contract
from odre.resources import LOAD_ID, labels

LEDGER = "load_ledger"
SET_ASIDE = "set_aside"

Mode = Literal["NULLABLE", "REPEATED"]


def _field(name: str, kind: str, description: str, mode: Mode = "NULLABLE", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "mode": mode, "description": description, **more}


_ANSWERED = [
    _field("local_date", "DATE", "Day that the load answers."),
    _field(
        "part", "STRING", "The part of the day that it answers, where publishers answer separately; otherwise empty."
    ),
    _field("maturity", "INTEGER", "How final the answer is, as its rank in the contract's maturity.order; else 0."),
]
_HELD_BACK = [
    _field("local_date", "DATE", "Day that was not replaced."),
    _field(
        "reason", "STRING", "Why: `would lose all observed values`, `… most rows` or `… most values of <measures>`."
    ),
]
LEDGER_FIELDS = [
    _field(LOAD_ID, "STRING", "Names the load; derived from the object and its generation."),
    _field("table_name", "STRING", "Landing table."),
    _field("run_kind", "STRING", "Why the run covered these days: interval, sweep, backfill, range, full_refresh."),
    _field("run_id", "STRING", "Airflow's run."),
    _field("window_start", "DATE", "First day that the source was asked for."),
    _field("window_end", "DATE", "Last day that the source was asked for."),
    _field("asked_at", "TIMESTAMP", "When the source was asked: before the first request."),
    _field("merged_at", "TIMESTAMP", "When the MERGE ran."),
    _field("uri", "STRING", "Object in the lake that was loaded."),
    _field("generation", "INTEGER", "Its generation."),
    _field("md5", "STRING", "Its MD5, base64."),
    _field("row_count", "INTEGER", "Rows in it."),
    _field("segments", "STRING", "Datasets of the API that answered, each with its days.", "REPEATED"),
    _field("is_partial", "BOOLEAN", "Whether a dataset of the API did not exist, so that its days were not asked."),
    _field("is_synthetic", "BOOLEAN", "Whether the API says that its data are a synthetic sample."),
    _field(
        "answered",
        "RECORD",
        "Days, or parts of days, of which the table then held what this load says.",
        "REPEATED",
        fields=_ANSWERED,
    ),
    _field("days_kept", "DATE", "Days whose standing rows are of a later or more mature answer.", "REPEATED"),
    _field("days_set_aside", "DATE", "Days left out because their rows break the contract.", "REPEATED"),
    _field("held_back", "RECORD", "Days kept because replacing them would lose data.", "REPEATED", fields=_HELD_BACK),
    _field(
        "days_undecided",
        "DATE",
        "Days of which rows were set aside, or that were held back, without a decision in the contract.",
        "REPEATED",
    ),
]
SET_ASIDE_FIELDS = [
    _field(LOAD_ID, "STRING", "The load that left the row out, as load_ledger has it once it has been merged."),
    _field("table_name", "STRING", "Landing table."),
    _field("local_date", "DATE", "Day of the row."),
    _field("scope", "STRING", "What was left out: `day`, the whole day, or `row`, this row only."),
    _field("column_name", "STRING", "Column that breaks the contract."),
    _field("reason", "STRING", "What was expected and what came."),
    _field("value", "STRING", "The value that came."),
    _field("row_json", "STRING", "The row as it came, as JSON."),
    _field("asked_at", "TIMESTAMP", "When the source was asked."),
]


def ledger_resource() -> dict[str, Any]:
    """`load_ledger` as a table resource of BigQuery's API."""
    return _resource(LEDGER_FIELDS, "One row per load of a landing table, written in the MERGE's own transaction.")


def set_aside_resource() -> dict[str, Any]:
    """`set_aside` as a table resource of BigQuery's API."""
    return _resource(SET_ASIDE_FIELDS, "Rows of the source that break the contract and were not loaded.")


def _resource(fields: list[dict[str, Any]], description: str) -> dict[str, Any]:
    return {
        "schema": {"fields": fields},
        "timePartitioning": {"type": "MONTH", "field": "asked_at"},
        "clustering": {"fields": ["table_name"]},
        "description": description,
        "labels": {"pipeline": "eco2mix"},
    }


def synthetic_tables(client: bigquery.Client, ledger: str) -> tuple[str, ...]:
    """Landing tables that hold a synthetic sample, in alphabetical order.

    The MERGE never lets the sample and real data into one warehouse, so one load says of which kind all of them are.
    The rows of the ledger are listed, which is no query job.

    :param ledger: the ledger, `project.dataset.table`.
    """
    names = ("table_name", "row_count", "is_synthetic")
    columns = [bigquery.SchemaField.from_api_repr(field) for field in LEDGER_FIELDS if field["name"] in names]
    try:
        if not any(load["is_synthetic"] for load in client.list_rows(ledger, columns, max_results=1)):
            return ()
        return tuple(sorted({load["table_name"] for load in client.list_rows(ledger, columns) if load["row_count"]}))
    except NotFound:  # nothing has been loaded yet
        return ()


def sweep_is_owed(
    client: bigquery.Client,
    contract: Contract,
    ledger: str,
    tick: datetime,
    maximum_bytes_billed: int,
    has_published: Callable[[str], bool],
) -> bool:
    """Whether the sweep that was due at `tick` has not been done: the table was being loaded before `tick`, and no run
    has since asked for a whole sweep or a full refresh, merged it, and built the models from it.

    :param ledger: the ledger, `project.dataset.table`.
    :param tick: when the sweep was due, with its time zone.
    :param has_published: whether a run, the last that has merged such a sweep, has built the models. The ledger cannot
        tell. When a run fails after its MERGE, the next one rebuilds only the months of its own window.
    """
    moment, loads = f"timestamp '{tick.isoformat()}'", f"`{ledger}` where table_name = '{contract.table}'"
    statement = f"""
        select
          (select count(*) from {loads} and asked_at < {moment}) > 0 as was_loaded,
          (
            select run_id
            from {loads} and run_kind in ('sweep', 'full_refresh') and not is_partial and asked_at >= {moment}
            order by merged_at desc, run_id desc
            limit 1
          ) as run_id
    """
    config = bigquery.QueryJobConfig(maximum_bytes_billed=maximum_bytes_billed, labels=labels(contract))
    try:
        [row] = client.query_and_wait(statement, job_config=config)
    except NotFound:  # nothing has been loaded yet
        return False
    return bool(row["was_loaded"]) and not (row["run_id"] and has_published(row["run_id"]))
