"""The demo goes on where a DAG has only set days or rows aside, and stops where one has failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from odre.contract import tables

from laptop import demo
from laptop.demo_progress import Progress


@pytest.mark.parametrize(
    ("of_the_second", "runs", "ended"),
    [("success", 3, "success"), ("set aside", 3, "set aside"), ("failed", 2, "failed")],
)
def test_one_bad_day_of_a_dataset_costs_no_other_dataset(monkeypatch, of_the_second, runs, ended):
    """The shared marts and the dashboard are made by the last DAG, so that without it there would be none."""
    ran = []

    def run(table: str, left: object, progress: Progress) -> str:
        ran.append(table)
        return of_the_second if len(ran) == 2 else "success"

    monkeypatch.setattr(demo, "_run", run)
    assert demo._run_all(tables(), Progress(None, Path("log"), Path("logs"))) == ended
    assert ran == tables()[:runs]
