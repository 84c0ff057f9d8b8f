"""The ledger of loads, and the table of what was set aside: two tables beside the landing tables.

`load_ledger` has one row per MERGE, written in the MERGE's own transaction (`sql/replace_window.sql`), so the ledger
and the landing table never disagree. A landing row names, in its column `load_id`, the load that last changed it.
docs/runbook.md shows what to ask.
"""

from __future__ import annotations

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
    _field("reason", "STRING", "Why: `would lose all observed values` or `would lose most rows`."),
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


def synthetic_tables(client: bigquery.Client, ledger: str, maximum_bytes_billed: int) -> tuple[str, ...]:
    """Landing tables that hold days of a synthetic sample, in alphabetical order.

    Whether a day, or a part of one, is synthetic depends on the last load that answered it, and on no other load.

    :param ledger: the ledger, `project.dataset.table`.
    """
    statement = f"""
        select distinct table_name
        from (
          select
            loads.table_name,
            loads.is_synthetic,
            row_number() over (
              partition by loads.table_name, answer.local_date, answer.part
              order by loads.merged_at desc, loads.asked_at desc, loads.load_id desc
            ) as place
          from `{ledger}` as loads, unnest(loads.answered) as answer
          where loads.asked_at is not null
        ) as answers
        where place = 1 and is_synthetic
        order by table_name
    """
    config = bigquery.QueryJobConfig(maximum_bytes_billed=maximum_bytes_billed)
    try:
        return tuple(row["table_name"] for row in client.query_and_wait(statement, job_config=config))
    except NotFound:  # nothing has been loaded yet
        return ()


def sweep_is_owed(
    client: bigquery.Client, contract: Contract, ledger: str, tick: datetime, maximum_bytes_billed: int
) -> bool:
    """Whether the sweep that was due at `tick` has not been done: the table was being loaded before `tick`, and no
    whole sweep or full refresh has been asked since and merged.

    :param ledger: the ledger, `project.dataset.table`.
    :param tick: when the sweep was due, with its time zone.
    """
    moment = f"timestamp '{tick.isoformat()}'"
    sweeps = f"run_kind in ('sweep', 'full_refresh') and not is_partial and asked_at >= {moment}"
    statement = f"""
        select countif(asked_at < {moment}) > 0 and countif({sweeps}) = 0 as is_owed
        from `{ledger}`
        where table_name = '{contract.table}' and asked_at is not null
    """
    config = bigquery.QueryJobConfig(maximum_bytes_billed=maximum_bytes_billed, labels=labels(contract))
    try:
        [row] = client.query_and_wait(statement, job_config=config)
    except NotFound:  # nothing has been loaded yet
        return False
    return bool(row["is_owed"])
