"""The ingestion of one run, task by task, as Airflow runs them: each in a process of its own that may be killed. A task
that died is tried again, and the results of tasks that had ended are kept."""

from __future__ import annotations

import datetime as dt
import gc
import json
import os
import signal
import sys
import traceback
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from odre.contract import load_contract
from odre.plan import plan_run
from odre.window import Request

TASKS = ("landing_tables", "extract", "load", "merge", "drop_batch")


class TaskDied(Exception):
    """The process of a task was killed, by the signal that is the argument."""


class TaskFailed(Exception):
    """A task ended with an error; the message is what its log ends with."""


class _TaskInstance(SimpleNamespace):
    def xcom_pull(self, task_ids: str, **_: Any) -> Any:
        return self.results[task_ids]

    def get_task_states(self, *_: Any, **__: Any) -> dict[str, dict[str, str | None]]:
        """The run goes on, so that none of its tasks has ended for good."""
        return {}

    def xcom_push(self, *_: Any, **__: Any) -> None:
        """Links to the console are of no use here."""


@dataclass
class IngestRun:
    """A run of a DAG's ingestion for a range of days.

    :param dag: the real DAG.
    :param name: run id.
    :param folder: where results of ended tasks are kept.
    """

    dag: Any
    name: str
    first: str
    last: str
    folder: Path
    tries: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        moment = dt.datetime.now(dt.timezone.utc)
        self.dag_run = SimpleNamespace(
            run_id=self.name, run_after=moment, start_date=moment, logical_date=None, data_interval_start=None,
            data_interval_end=None, run_type="manual", clear_number=0,
        )  # fmt: skip
        request = Request(None, moment, self.first, self.last)
        plan = plan_run(load_contract(self.dag.dag_id), request, self.name, moment)
        self.results = {"window": plan.to_xcom()}

    def up_to(self, task: str) -> None:
        """Run every task before `task`."""
        for name in TASKS[: TASKS.index(task)]:
            self.task(name)

    def task(self, name: str, prepare: Callable[[], None] = lambda: None) -> None:
        """Run one task in a forked process, `prepare` first.

        :raises TaskDied: it was killed.
        :raises TaskFailed: it failed.
        """
        self.wait(self.start(name, prepare))

    def start(self, name: str, prepare: Callable[[], None] = lambda: None) -> tuple[str, int]:
        """Begin a task; `wait` for what this returns."""
        self.tries[name] = self.tries.get(name, 0) + 1
        answer = self._answer(name)
        answer.unlink(missing_ok=True)
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            # Objects of other tests must not be collected in this process: a DuckDB connection would wait for threads
            # that only the parent has.
            gc.freeze()
            try:
                prepare()
                answer.write_text(json.dumps({"result": self._execute(name)}))
            except BaseException as error:  # noqa: BLE001 - this process ends here
                traceback.print_exc()
                answer.write_text(json.dumps({"error": f"{type(error).__name__}: {error}"}))
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(0)
        return name, pid

    def wait(self, started: tuple[str, int]) -> None:
        name, pid = started
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            raise TaskDied(signal.Signals(os.WTERMSIG(status)).name)
        answer = json.loads(self._answer(name).read_text())
        if "error" in answer:
            raise TaskFailed(answer["error"])
        self.results[f"ingest.{name}"] = answer["result"]

    def finish(self, first: str) -> None:
        """Run `first` and every task after it."""
        for name in TASKS[TASKS.index(first) :]:
            self.task(name)

    def _answer(self, name: str) -> Path:
        return self.folder / f"{self.name}-{name}.json"

    def _execute(self, name: str) -> Any:
        task = self.dag.get_task(name if name in self.dag.task_dict else f"ingest.{name}")
        instance = _TaskInstance(
            results=self.results, task_id=task.task_id, dag_id=self.dag.dag_id, run_id=self.name, map_index=-1,
            try_number=self.tries[name], stats_tags={}, start_date=dt.datetime.now(dt.timezone.utc),
        )  # fmt: skip
        context = {"ti": instance, "task_instance": instance, "task": task, "dag": self.dag, "dag_run": self.dag_run,
                   "run_id": self.name, "logical_date": None, "params": {},
                   "outlet_events": defaultdict(mock.MagicMock)}  # fmt: skip
        task.render_template_fields(context)
        return task.execute(context)
