"""The compiled SQL that the UI shows for a task of dbt."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from odre.transform import show_compiled_sql

BEGAN = datetime(2024, 1, 2, 12, tzinfo=UTC)


def test_a_task_shows_what_it_has_compiled_of_its_own_models(tmp_path):
    """Tasks of a DAG share dbt's folder: beside this one, another builds `records`; an earlier run left `mix_daily`."""
    for name, minutes in (
        ("daily_merged", 1),
        ("grain_daily_merged_date_mix__is_mix_complete", 1),
        ("records", 1),
        ("mix_daily", -1),
    ):
        path = tmp_path / "compiled" / "eco2mix" / f"{name}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"select '{name}'\n")
        changed = (BEGAN + timedelta(minutes=minutes)).timestamp()
        os.utime(path, (changed, changed))
    outlets = [SimpleNamespace(name=name) for name in ("daily_merged", "mix_daily")]
    task = SimpleNamespace(dbt_cmd_flags=["--target-path", str(tmp_path)], outlets=outlets, compiled_sql=None)
    show_compiled_sql("", {"task": task, "ti": SimpleNamespace(start_date=BEGAN)})
    shown = [line for line in task.compiled_sql.splitlines() if line.startswith("select")]
    assert shown == ["select 'daily_merged'", "select 'grain_daily_merged_date_mix__is_mix_complete'"]
