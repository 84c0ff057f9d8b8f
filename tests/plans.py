"""Plans of runs and what a task needs to follow one, for tests that run an operator without a scheduler."""

from __future__ import annotations

from datetime import date, datetime, timezone
from types import SimpleNamespace
from typing import Any

from odre.extracted import Extracted
from odre.plan import RunPlan
from odre.sql.merge import Load
from odre.window import Window


def plan(first: str | date, last: str | date, name: str) -> dict:
    """The plan of a run for a range of days, as XCom keeps it; its objects are called `name`-<try>.parquet."""
    window = Window(date.fromisoformat(str(first)), date.fromisoformat(str(last)))
    return RunPlan(kind="range", window=window, batch_table="batch", object_prefix=name).to_xcom()


def load(window: Window, rows: int, asked_at: datetime | None = None, **more: Any) -> Load:
    """A load of a window of so many rows, asked now."""
    asked_at = asked_at or datetime.now(timezone.utc)
    given = {"load_id": f"load {asked_at.timestamp()}", "run_kind": "range", "run_id": "manual 'run'",
             "uri": "gs://lake/object", "generation": 1, "md5": "md5", "is_synthetic": False,
             "segments": ("dataset",)}  # fmt: skip
    return Load(window=window, rows=rows, asked_at=asked_at, **given | more)


def extracted(first: str, last: str, **more: Any) -> Extracted:
    """What an extraction of a window has stored: one row, and nothing was left out."""
    given = {"object_name": "raw/a", "uri": "gs://lake/raw/a", "generation": 1, "md5": "md5",
             "asked_at": datetime.now(timezone.utc), "rows": 1, "expected": 1, "received": 1, "repeated": 0,
             "superseded": 0, "set_aside": 0, "left_out": [], "set_aside_uri": None, "observed": 1, "first": None,
             "last": None, "requests": 1, "segments": ["dataset"], "partial": False, "schema_hash": "hash",
             "synthetic": False, "unknown_columns": [], "absent_columns": [], "unusual": {}}  # fmt: skip
    return Extracted(window=Window(date.fromisoformat(first), date.fromisoformat(last)), **given | more)


def context(attempt: int = 1) -> dict:
    """The context of a task's try."""
    return {"ti": SimpleNamespace(try_number=attempt)}
