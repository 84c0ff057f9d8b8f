"""Plans of runs and what a task needs to follow one, for tests that run an operator without a scheduler."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

from odre.plan import RunPlan
from odre.window import Window


def plan(first: str | date, last: str | date, name: str) -> dict:
    """The plan of a run for a range of days, as XCom keeps it; its objects are called `name`-<try>.parquet."""
    window = Window(date.fromisoformat(str(first)), date.fromisoformat(str(last)))
    return RunPlan(
        kind="range", window=window, batch_table="batch", object_prefix=name, batch_expires_ms=4_102_444_800_000
    ).to_xcom()


def context(attempt: int = 1) -> dict:
    """The context of a task's try."""
    return {"ti": SimpleNamespace(try_number=attempt)}
