"""Carry every dataset from the API to the marts, once, on the embedded stack: `make demo`.

The DAGs are run by Airflow itself (`dag.test`), task by task in this process. Progress is printed in the terminal. Logs
and states are kept where `make up` shows them.
"""

from __future__ import annotations

import gc
import os
import runpy
import sys
import time
import webbrowser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from laptop import dbt_ahead
from laptop.demo_progress import Progress, printing_to
from laptop.environment import LAKE_BUCKET, REPOSITORY, Endpoints, pipeline_environment
from laptop.metadata import MetadataDatabase
from laptop.processes import interruptible
from laptop.service import StackError
from laptop.stack import STATE, Stack

if TYPE_CHECKING:
    from airflow.sdk import DAG

    from laptop.shared_marts import Left


Ended = Literal["success", "set aside", "failed"]
_LAST_TASK = "set_aside"


def load_dag(table: str) -> DAG:
    """The DAG of the file `dags/<table>.py`."""
    dag: DAG = runpy.run_path(str(REPOSITORY / "dags" / f"{table}.py"))["dag"]
    return dag


def run(stack: Stack, log: Path = STATE / "logs" / "demo.log", only: Sequence[str] = ()) -> Ended:
    """Start the stack and run the DAGs, in alphabetical order, for all the API holds.

    A DAG that has set days or rows aside has still published all others, so the next DAG runs. After any other failure,
    no further DAG runs.

    :param only: landing tables whose DAGs are run; all by default.
    :returns: `success` when every task has succeeded, `set aside` when days or rows were set aside.
    :raises StackError: the stack did not come up.
    """
    # Airflow reads its configuration when it is imported; where the services are is read when they are used.
    environment = pipeline_environment(stack.state, Endpoints("", "", ""))
    os.environ.update(environment)
    sys.path[:0] = environment["PYTHONPATH"].split(":")
    database = MetadataDatabase(stack.state)
    with printing_to(log) as terminal, ThreadPoolExecutor(1) as background:
        progress = Progress(terminal, log, stack.state / "airflow" / "logs")
        stack.say = progress.say
        stack.survey()  # prints its lines before anything slow begins
        coming_up = background.submit(stack.up)
        from odre.contract import tables

        wanted = list(only or tables())
        dbt_ahead.begin(os.environ, wanted[0])
        try:
            _prepare_airflow(database)
            os.environ.update(coming_up.result())
            if not (stack.data or stack.external_api):
                progress.say(
                    "data       SYNTHETIC SAMPLE, made here; real data: make demo ODRE_API=live, or ODRE_DATA=<folder>"
                )
            return _run_all(wanted, progress)
        finally:
            _leave(database)


def _prepare_airflow(database: MetadataDatabase) -> None:
    """Prepare Airflow's database, and do the slow imports that are needed later in any case."""
    # Imports and dbt projects make many objects that live on, so collecting garbage often would gain little.
    gc.set_threshold(50_000, 20, 100)
    os.environ.setdefault("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", database.url())
    from airflow.utils.db import initdb

    from laptop import dbt_once
    from laptop.consoles import hide_console_links

    dbt_once.install()
    hide_console_links()
    initdb()


def _leave(database: MetadataDatabase) -> None:
    """Stop the database, if the demo has started it, after Airflow has closed its connections."""
    # Python frees modules at exit only if the collector may inspect them, and DuckDB prints a list of what stays.
    gc.unfreeze()
    if "airflow.settings" in sys.modules:
        sys.modules["airflow.settings"].dispose_orm()
    database.stop_own()


def _run_all(wanted: Sequence[str], progress: Progress) -> Ended:
    from laptop.shared_marts import left_to_later

    waiting, ended = list(wanted), set[Ended]()
    while waiting and "failed" not in ended:
        table = waiting.pop(0)
        ended.add(_run(table, left_to_later(table, waiting), progress))
    return "failed" if "failed" in ended else "set aside" if "set aside" in ended else "success"


def _run(table: str, left: Left, progress: Progress) -> Ended:
    from laptop.shared_marts import leave_out

    began = time.monotonic()
    progress.say(f"\n{table}")
    dag = load_dag(table)
    leave_out(dag, left)
    progress.follow(dag)
    progress.failed.clear()
    dag_run = dag.test(run_conf={"full_refresh": True})
    state = str(dag_run.state.value if hasattr(dag_run.state, "value") else dag_run.state)
    if left.tasks:
        progress.say(f"  – left to the runs that follow: {', '.join(sorted(left.tasks))}")
    progress.say(f"  {state} in {time.monotonic() - began:.1f} s")
    if state == "success" and not progress.failed:
        return "success"
    for log in progress.failed.values() or [progress.log]:
        progress.say(f"  its log: {log}")
    return "set aside" if [*progress.failed] == [_LAST_TASK] else "failed"


def _built(environment: dict[str, str]) -> str:
    from tabulate import tabulate

    from laptop.warehouse import Warehouse

    warehouse, rows = Warehouse(environment), []
    for dataset in ("STAGING", "DEVELOPMENT"):
        name = environment[f"ECO2MIX_{dataset}_DATASET"]
        for item in warehouse.client.list_tables(name):
            if item.table_type == "TABLE":
                _, [(count,)] = warehouse.query(f"select count(*) from {warehouse.whole(f'{name}.{item.table_id}')}")
                rows.append((f"{name}.{item.table_id}", f"{count:,}"))
    return str(tabulate(rows, headers=("table", "rows"), colalign=("left", "right")))


def _show(page: Path) -> str:
    """Open a page in the browser, where there is one with a window; `OPEN=0` switches this off.

    :returns: a note for the last line of the demo that tells whether the page was opened.
    """
    has_window = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if os.environ.get("OPEN") == "0" or not has_window or not webbrowser.open(page.as_uri()):
        return ""
    return "  (opened in your browser)"


def main() -> int:
    began = time.monotonic()
    try:
        stack = Stack.of_the_commands(print)
        ended = run(stack)
        if ended == "failed":
            return 1
    except (StackError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    page = stack.lake_folder / LAKE_BUCKET / "dashboard" / "index.html"
    print(f"\n{_built(stack.environment)}\n")
    print(f"done in {time.monotonic() - began:.0f} s; the stack stays up (make stack-down)\n")
    print('ask it:                     make query SQL="select * from de_project_development.mix_daily limit 5"')
    print("see these runs in Airflow:  make up")
    print(f"look at the dashboard:      {page.as_uri()}{_show(page)}")
    if ended == "success":
        return 0
    print("error: some days or rows were set aside, see above → all others are loaded", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(interruptible(main, MetadataDatabase.stop_all_own))
