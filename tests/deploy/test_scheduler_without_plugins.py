"""Composer 3 gives its scheduler and its triggerer no plugins, so they know the DAGs from the database only
(https://docs.cloud.google.com/composer/docs/composer-3/install-plugins)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from odre.contract import tables

from laptop.environment import REPOSITORY

# What the DAG processor writes into the database.
WRITE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
from airflow.serialization.serialized_objects import DagSerialization
bag = DagBag(dag_folder=sys.argv[1])
assert bag.import_errors == {}, bag.import_errors
json.dump([DagSerialization.to_dict(dag) for dag in bag.dags.values()], open(sys.argv[2], "w"))
"""
# What the scheduler does with it: it decides when runs are due, and which tasks follow which.
READ = """
import json, sys
from datetime import datetime, timedelta, timezone
from airflow.serialization.serialized_objects import DagSerialization
first, due = datetime(2024, 1, 1, tzinfo=timezone.utc), {}
for written in json.load(open(sys.argv[1])):
    dag = DagSerialization.from_dict(written)
    assert len(dag.tasks) > 10 and {i for task in dag.tasks for i in task.upstream_task_ids} <= set(dag.task_ids)
    assert all(task.pool and task.trigger_rule for task in dag.tasks)
    due[dag.dag_id] = sum(1 for _ in dag.iter_dagrun_infos_between(first, first + timedelta(days=40)))
assert not [name for name in sys.modules if name.startswith(("odre", "eco2mix"))]
print(json.dumps(due))
"""


@pytest.mark.service  # it starts Airflow twice
def test_the_scheduler_reads_the_dags_without_plugins(tmp_path: Path):
    written = tmp_path / "dags.json"
    airflow = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(tmp_path / "none"),
    }
    names = dict.fromkeys(("ECO2MIX_PROJECT_ID", "ECO2MIX_LAKE_BUCKET"), "a-name")
    approval = {"ECO2MIX_APPROVAL_ABOVE_DAYS": "31"}  # one more task, which waits in the triggerer

    def run(program: str, *arguments: object, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, arguments)],
            env=airflow | more,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()[-1] if done.stdout else ""

    plugins = {"AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins")}
    run(WRITE, REPOSITORY / "dags", written, **names, **approval, **plugins)
    due = json.loads(run(READ, written))
    assert set(due) == set(tables())
    assert due["eco2mix_national_tr"] == 40 * 24
