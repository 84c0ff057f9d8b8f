"""The first task of every run: decide the window, name what the run will create, show the plan."""

from __future__ import annotations

import hashlib
import logging
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from odre.contract import load_contract
from odre.settings import Settings
from odre.sql.merge import replace_window
from odre.window import Request, Window, resolve_window

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

_BATCH_LIFETIME = timedelta(days=1)


def plan_run(table: str, context: Context) -> dict[str, Any]:
    """Everything the tasks after this one need to know of the run.

    :returns: `start`, `end` (ISO dates, both included), `batch_table`, `object_prefix`,
        `batch_expires_ms`, `full_refresh`.
    :raises WindowRefused: the range asked for cannot be.
    """
    contract, dag_run, params = load_contract(table), context["dag_run"], context["params"]
    request = Request(
        interval_start=dag_run.data_interval_start,
        interval_end=dag_run.data_interval_end or dag_run.run_after,
        start_date=params.get("start_date"),
        end_date=params.get("end_date"),
        full_refresh=bool(params.get("full_refresh")),
        look_back=dag_run.run_type != "backfill",
    )
    today = datetime.now(ZoneInfo(contract.timezone)).date()
    window = resolve_window(contract, request, today)
    log.info("%s: window %s (%s days)", contract.dataset_id, window, window.days)
    slug = re.sub(r"[^a-z0-9]+", "-", dag_run.run_id.lower()).strip("-")
    run_hash = hashlib.sha256(dag_run.run_id.encode()).hexdigest()[:12]
    expires = datetime.now(timezone.utc) + _BATCH_LIFETIME
    return {
        "start": str(window.start),
        "end": str(window.end),
        "batch_table": f"{table}__batch_{run_hash}",
        "object_prefix": f"raw/{table}/{window.start}_{window.end}/{slug}",
        "batch_expires_ms": str(int(expires.timestamp() * 1000)),
        "full_refresh": request.full_refresh,
    }


def describe_plan(table: str, plan: dict[str, Any], settings: Settings) -> str:
    """What a run with this plan would do, for a dry run."""
    contract = load_contract(table)
    window = Window(*(datetime.fromisoformat(plan[name]).date() for name in ("start", "end")))
    dataset = f"{settings.project_id}.{settings.staging_dataset}"
    statement = replace_window(
        contract, f"{dataset}.{table}", f"{dataset}.{plan['batch_table']}", plan["start"], plan["end"], "<rows>"
    )
    from odre.segments import where_clause

    return "\n".join(
        [
            f"window      {window} ({window.days} days, {contract.timezone})",
            f"request     {contract.dataset_id} where {where_clause(contract, window)}"
            + (f", older days from {contract.history_dataset_id}" if contract.history_dataset_id else ""),
            f"object      gs://{settings.lake_bucket}/{plan['object_prefix']}-<try>.parquet",
            f"partitions  {', '.join(f'{month:%Y%m}' for month in window.months())}",
            f"statement\n{statement}",
        ]
    )
