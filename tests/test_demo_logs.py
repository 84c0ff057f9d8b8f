"""The demo leaves the log of a task where Airflow's UI looks for it."""

from __future__ import annotations

import io
from types import SimpleNamespace

import jinja2
from airflow.configuration import conf

from laptop.demo_progress import Progress
from laptop.shared_marts import REASON


def test_a_tasks_log_lies_where_airflows_template_says(tmp_path):
    ti = SimpleNamespace(dag_id="d", run_id="manual__2024-01-02", task_id="ingest.merge", try_number=2, map_index=-1)
    template = jinja2.Template(conf.get("logging", "log_filename_template"))
    progress = Progress(io.StringIO(), tmp_path / "demo.log", tmp_path / "logs")
    assert progress._task_log({"ti": ti}) == tmp_path / "logs" / template.render(ti=ti, try_number=2)


def test_a_task_that_was_left_out_says_why_in_its_log(tmp_path, monkeypatch):
    ti = SimpleNamespace(dag_id="d", run_id="r", task_id="dbt.answers", try_number=1)
    progress = Progress(io.StringIO(), tmp_path / "demo.log", tmp_path / "logs")
    monkeypatch.setattr("laptop.demo_progress.print_to", lambda path: None)  # it would take this process's own output
    progress._skipped({"ti": ti})
    assert progress._task_log({"ti": ti}).read_text() == f"{REASON}\n"
