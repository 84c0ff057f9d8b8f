"""Shows the progress of the demo's runs in the terminal, and keeps their logs for the Airflow UI."""

from __future__ import annotations

import gc
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from airflow.sdk import DAG, Context


class Progress:
    """Prints a line for every task that ends, and redirects the output of a task to the file in which Airflow's UI
    looks for its log.

    :param log: file for everything that belongs to no task.
    :param task_logs: Airflow's folder of task logs.
    """

    def __init__(self, terminal: TextIO, log: Path, task_logs: Path) -> None:
        self.terminal, self.log, self.task_logs = terminal, log, task_logs
        self.began: dict[str, float] = {}
        self.failed: dict[str, Path] = {}  # logs by task, of the DAG that runs

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
                ("on_skipped_callback", self._skipped),
            ):
                present = getattr(task, name) or []
                present = list(present) if isinstance(present, (list, tuple)) else [present]
                setattr(task, name, [*present, call])

    def _task_log(self, context: Context) -> Path:
        """Where Airflow's default `log_filename_template` puts the log of a task's try."""
        ti = context["ti"]
        run = self.task_logs / f"dag_id={ti.dag_id}" / f"run_id={ti.run_id}"
        return run / f"task_id={ti.task_id}" / f"attempt={ti.try_number}.log"

    def _started(self, context: Context) -> None:
        # Cosmos collects garbage after every dbt command; the objects that exist already are excluded from that
        gc.freeze()
        self.began[context["ti"].task_id] = time.monotonic()
        print_to(self._task_log(context))

    def _line(self, context: Context, mark: str, note: str = "") -> None:
        print_to(self.log)
        name = context["ti"].task_id
        seconds = time.monotonic() - self.began.get(name, time.monotonic())
        self.say(f"  {mark} {name:<52} {seconds:5.1f} s  {note}")

    def _succeeded(self, context: Context) -> None:
        note = ""
        if context["ti"].task_id == "ingest.extract":
            extracted = context["ti"].xcom_pull(task_ids="ingest.extract")
            note = f"{extracted['rows']:,} rows, {extracted['first']} … {extracted['last']}"
        self._line(context, "✓", note)

    def _skipped(self, context: Context) -> None:
        path = self._task_log(context)
        if not path.exists():  # the task was skipped before it began, and Airflow does not say why
            from laptop.shared_marts import REASON

            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{REASON}\n")
        print_to(self.log)

    def _failed(self, context: Context) -> None:
        self.failed[context["ti"].task_id] = self._task_log(context)
        self._line(context, "✗", str(context.get("exception") or ""))


def print_to(path: Path) -> None:
    """Append everything that this process and its children print to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    with path.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)


@contextmanager
def printing_to(path: Path) -> Iterator[TextIO]:
    """Everything this process prints goes to `path`; yields the terminal."""
    terminal = os.fdopen(os.dup(1), "w", buffering=1)
    saved = os.dup(1), os.dup(2)
    print_to(path)
    try:
        yield terminal
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(saved[0], 1)
        os.dup2(saved[1], 2)
