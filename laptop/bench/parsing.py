"""Parsing the whole `dags/` folder, as Airflow's DAG processor and every task do it, against importing Airflow, the
Google provider and Cosmos and doing nothing with them.

    python -m laptop.bench.parsing dags|imports

prints the processor seconds of a fresh process.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from laptop.bench.history import python
from laptop.bench.table import Goal, Result, Say, interleaved
from laptop.environment import REPOSITORY, Endpoints, pipeline_environment

GOAL = Goal(1.2, "≤ 1.2×")


def measure(folder: Path, pairs: int, say: Say):
    """One row of the table."""
    say("parsing dags/, against importing Airflow, the Google provider and Cosmos")
    environment = pipeline_environment(folder / "parsing", Endpoints(*["http://127.0.0.1:9"] * 3))
    (folder / "parsing" / "airflow").mkdir(parents=True, exist_ok=True)
    dags, imports = (lambda what=what: float(python(environment, "-m", __name__, what)) for what in ("dags", "imports"))
    dags()  # Airflow's configuration and compiled modules are there afterwards
    yield Result(
        "parsing the whole `dags/` folder",
        "importing Airflow, provider, Cosmos",
        GOAL,
        *interleaved(dags, imports, pairs, say),
        note="Processor time: it is all computing, and another process does not show in it.",
    )


def parse() -> None:
    """What the DAG processor does with the folder.

    :raises SystemExit: a DAG file cannot be imported.
    """
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(REPOSITORY / "dags"))
    if bag.import_errors or not bag.dags:
        raise SystemExit(f"error: dags/ cannot be parsed: {bag.import_errors or 'it is empty'}")


def import_only() -> None:
    """What any project of this kind has to import: the parts of the three packages that ours uses."""
    import airflow.sdk
    import cosmos
    from airflow.dag_processing.dagbag import DagBag  # noqa: F401
    from airflow.providers.google.cloud.operators import bigquery  # noqa: F401
    from airflow.providers.google.cloud.transfers import gcs_to_bigquery, http_to_gcs  # noqa: F401

    # both packages import their parts on first use
    _ = airflow.sdk.DAG, airflow.sdk.Asset, airflow.sdk.CronDataIntervalTimetable, airflow.sdk.Param
    _ = airflow.sdk.TaskGroup, airflow.sdk.task, cosmos.DbtTaskGroup, cosmos.DbtBuildLocalOperator


if __name__ == "__main__":
    began = time.process_time()
    parse() if sys.argv[1] == "dags" else import_only()
    print(time.process_time() - began)
