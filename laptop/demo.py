"""Carry every dataset from the API to the marts, once, on the embedded stack: `make demo`.

The DAGs are run by Airflow itself (`dag.test`), task by task in this process; their log goes to a file,
progress to the terminal.
"""

from __future__ import annotations

import gc
import logging
import os
import runpy
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from laptop.environment import REPOSITORY, Endpoints, pipeline_environment
from laptop.processes import interruptible
from laptop.service import StackError
from laptop.stack import STATE, Stack

if TYPE_CHECKING:
    from airflow.sdk import DAG, Context


class Progress:
    """Prints a line for every task that ends."""

    def __init__(self, terminal: TextIO) -> None:
        self.terminal = terminal
        self.began: dict[str, float] = {}
        self.failed: list[str] = []

    def say(self, line: str) -> None:
        print(line, file=self.terminal, flush=True)

    def follow(self, dag: DAG) -> None:
        """Have every task of `dag` report its start and end."""
        for task in dag.tasks:
            task.retries = 0
            for name, call in (
                ("on_execute_callback", self._started),
                ("on_success_callback", self._succeeded),
                ("on_failure_callback", self._failed),
            ):
                present = getattr(task, name) or []
                present = list(present) if isinstance(present, (list, tuple)) else [present]
                setattr(task, name, [*present, call])

    def _started(self, context: Context) -> None:
        gc.freeze()  # Cosmos has garbage collected after every dbt command; what is there before one is none
        self.began[context["ti"].task_id] = time.monotonic()

    def _line(self, context: Context, mark: str, note: str = "") -> None:
        name = context["ti"].task_id
        seconds = time.monotonic() - self.began.get(name, time.monotonic())
        self.say(f"  {mark} {name:<52} {seconds:5.1f} s  {note}")

    def _succeeded(self, context: Context) -> None:
        note = ""
        if context["ti"].task_id == "ingest.extract":
            extracted = context["ti"].xcom_pull(task_ids="ingest.extract")
            note = f"{extracted['rows']:,} rows, {extracted['first']} … {extracted['last']}"
        self._line(context, "✓", note)

    def _failed(self, context: Context) -> None:
        self.failed.append(context["ti"].task_id)
        self._line(context, "✗", str(context.get("exception") or ""))


@contextmanager
def _logging_to(path: Path) -> Iterator[TextIO]:
    """Everything this process prints goes to `path`; yields the terminal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    terminal = os.fdopen(os.dup(1), "w", buffering=1)
    saved = os.dup(1), os.dup(2)
    with path.open("ab") as log:
        sys.stdout.flush()
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield terminal
        finally:
            logging.shutdown()
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(saved[0], 1)
            os.dup2(saved[1], 2)


def load_dag(table: str) -> DAG:
    """The DAG of the file `dags/<table>.py`."""
    dag: DAG = runpy.run_path(str(REPOSITORY / "dags" / f"{table}.py"))["dag"]
    return dag


def run(stack: Stack, log: Path = STATE / "logs" / "demo.log", only: Sequence[str] = ()) -> bool:
    """Start the stack and run the DAGs, in alphabetical order, for all the API holds.

    :param only: landing tables whose DAGs are run; all by default.
    :returns: whether every task succeeded.
    :raises StackError: the stack did not come up.
    """
    # Airflow reads its configuration when it is imported; where the services are is read when they are used.
    environment = pipeline_environment(stack.state, Endpoints("", "", ""))
    os.environ.update(environment)
    sys.path[:0] = environment["PYTHONPATH"].split(":")
    with _logging_to(log) as terminal, ThreadPoolExecutor(1) as background:
        progress = Progress(terminal)
        stack.say = progress.say
        stack.survey()  # before anything slow
        coming_up = background.submit(stack.up)
        _prepare_airflow()
        os.environ.update(coming_up.result())
        if not (stack.data or stack.external_api):
            progress.say(
                "data       SYNTHETIC SAMPLE, made here; real data: make demo ODRE_API=live, or ODRE_DATA=<folder>"
            )
        from odre.contract import tables

        return all(_run(table, progress, log) for table in only or tables())


def _prepare_airflow() -> None:
    """Airflow's database, and the slow imports, which are wanted later anyhow."""
    # Importing and reading dbt projects makes many objects that stay: little is gained by looking for garbage.
    gc.set_threshold(50_000, 20, 100)
    import dbt.cli.main  # noqa: F401
    from airflow.utils.db import initdb

    initdb()


def _run(table: str, progress: Progress, log: Path) -> bool:
    began = time.monotonic()
    progress.say(f"\n{table}")
    dag = load_dag(table)
    progress.follow(dag)
    dag_run = dag.test(run_conf={"full_refresh": True})
    state = str(dag_run.state.value if hasattr(dag_run.state, "value") else dag_run.state)
    progress.say(f"  {state} in {time.monotonic() - began:.1f} s")
    if state == "success" and not progress.failed:
        return True
    progress.say(f"  the whole log: {log}")
    return False


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


def main() -> int:
    began = time.monotonic()
    try:
        stack = Stack.of_the_commands(print)
        if not run(stack):
            return 1
    except (StackError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"\n{_built(stack.environment)}\n")
    print(
        'look at it:  make query SQL="select * from de_project_development.daily_merged order by date_mix desc limit 5"'
    )
    print(f"done in {time.monotonic() - began:.0f} s; the stack stays up (make stack-down)")
    return 0


if __name__ == "__main__":
    sys.exit(interruptible(main))
