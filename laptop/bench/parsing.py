"""Measures the parsing of the whole `dags/` folder, as Airflow's DAG processor and every task do it, against the mere
import of Airflow, the Google provider and Cosmos; and the parsing time that 50 further datasets add.

    python -m laptop.bench.parsing dags|imports

prints the processor seconds of a fresh process.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from odre.contract import contract_path, load_contract, tables

from laptop.bench.history import python
from laptop.bench.table import Goal, Result, Say, interleaved
from laptop.environment import REPOSITORY, Endpoints, pipeline_environment

GOAL = Goal(1.2, "≤ 1.2×")
GOAL_MANY = Goal(2.0, "≤ 2×")
GOAL_ONE_MORE = Goal(0.03, "≤ 30 ms")
#: Datasets that are added to those of the repository.
FURTHER = 50


def measure(folder: Path, pairs: int, say: Say) -> Iterator[Result]:
    """Three rows of the table."""
    say("parsing dags/, against importing Airflow, the Google provider and Cosmos")
    environment = _environment(folder / "parsing", REPOSITORY)
    _seconds(environment, "dags")  # the first parse writes Airflow's configuration and compiled modules
    yield Result(
        "parsing the whole `dags/` folder",
        "importing Airflow, provider, Cosmos",
        GOAL,
        *interleaved(lambda: _seconds(environment, "dags"), lambda: _seconds(environment, "imports"), pairs, say),
        note="Processor time, which other processes do not change. Parsing does nothing but compute.",
    )
    say(f"parsing dags/ with {FURTHER} further datasets, against dags/ as it is")
    many = _environment(folder / "parsing-many", _with_further_datasets(folder / "many"))
    _seconds(many, "dags")
    ours, against = interleaved(lambda: _seconds(many, "dags"), lambda: _seconds(environment, "dags"), pairs, say)
    yield Result(f"parsing `dags/` with {FURTHER} further datasets", "`dags/` as it is", GOAL_MANY, ours, against)
    yield Result(
        "one more DAG",
        "–",
        GOAL_ONE_MORE,
        [(mine - other) / FURTHER for mine, other in zip(ours, against, strict=True)],
        note="The difference of the row above, for each further dataset.",
    )


def _environment(state: Path, repository: Path) -> dict[str, str]:
    """The pipeline's environment for a repository whose services are not needed."""
    (state / "airflow").mkdir(parents=True, exist_ok=True)
    environment = pipeline_environment(state, Endpoints(*["http://127.0.0.1:9"] * 3))
    return {name: value.replace(str(REPOSITORY), str(repository)) for name, value in environment.items()}


def _seconds(environment: dict[str, str], what: str) -> float:
    return float(python(environment, "-m", __name__, what))


def _with_further_datasets(copy: Path) -> Path:
    """A copy of the project with `FURTHER` more datasets, each a daily one of the repository under another name.

    :returns: the copy.
    """
    for part in ("dags", "plugins", "include/dbt", "laptop"):
        shutil.copytree(REPOSITORY / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
    original = next(table for table in tables() if not load_contract(table).clock)
    staging = contract_path(original).parent.relative_to(REPOSITORY)
    for number in range(FURTHER):
        table = f"further_{number:02d}"
        (copy / staging).with_name(table).mkdir()
        for name in ("_sources.yml", f"stg_{original}.sql"):
            text = (REPOSITORY / staging / name).read_text(encoding="utf-8").replace(original, table)
            text = re.sub(r"dataset_id: .*", f"dataset_id: {table.replace('_', '-')}", text)
            ((copy / staging).with_name(table) / name.replace(original, table)).write_text(text, encoding="utf-8")
        completeness = f"{{{{ config(materialized='ephemeral') }}}}\n\n{{{{ completeness_of('{table}') }}}}\n"
        ((copy / staging).with_name(table) / f"completeness_{table}.sql").write_text(completeness, encoding="utf-8")
        dag = (REPOSITORY / "dags" / f"{original}.py").read_text(encoding="utf-8").replace(original, table)
        (copy / "dags" / f"{table}.py").write_text(dag, encoding="utf-8")
    environment = {"PYTHONPATH": f"{copy}:{copy / 'plugins'}", "DBT_PROJECT_DIR": str(copy / "include" / "dbt")}
    subprocess.run(
        [sys.executable, "-m", "laptop.manifest"], cwd=copy, env=environment, check=True, capture_output=True
    )
    return copy


def parse(dags: Path) -> None:
    """Do what the DAG processor does with the folder.

    :raises SystemExit: a DAG file cannot be imported.
    """
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(dags))
    if bag.import_errors or not bag.dags:
        raise SystemExit(f"error: dags/ cannot be parsed: {bag.import_errors or 'it is empty'}")


def import_only() -> None:
    """Import what any project of this kind imports: the parts of the three packages that this project uses."""
    import airflow.sdk
    import cosmos
    from airflow.dag_processing.dagbag import DagBag  # noqa: F401
    from airflow.providers.google.cloud.operators import bigquery  # noqa: F401
    from airflow.providers.google.cloud.transfers import gcs_to_bigquery, http_to_gcs  # noqa: F401

    # Airflow's SDK and Cosmos import their parts on first use.
    _ = airflow.sdk.DAG, airflow.sdk.Asset, airflow.sdk.CronDataIntervalTimetable, airflow.sdk.Param
    _ = airflow.sdk.TaskGroup, airflow.sdk.task, cosmos.DbtTaskGroup, cosmos.DbtBuildLocalOperator


if __name__ == "__main__":
    began = time.process_time()
    parse(Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])) if sys.argv[1] == "dags" else import_only()
    print(time.process_time() - began)
