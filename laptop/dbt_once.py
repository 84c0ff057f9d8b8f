"""Makes dbt read its project once per process and set of variables, instead of once per command.

Under a scheduler every task has a process of its own and reads the project again. The demo runs all tasks of a DAG in
one process, where reading the same project two dozen times took half of the time. dbt accepts the manifest of an
earlier command (https://docs.getdbt.com/reference/programmatic-invocations#reusing-objects).
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import cosmos.dbt.runner
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from laptop import dbt_ahead, dbt_flags

# Commands that read the manifest and do not change it.
_READERS = ("build", "run", "docs")
_OPTIONS = ("--project-dir", "--profiles-dir", "--profile", "--target", "--target-path")


def install() -> None:
    """Make Cosmos reuse dbt's manifest between commands of this process."""
    cosmos.dbt.runner.get_runner = Remembering
    dbt_flags.install()


class Remembering:
    """A `dbtRunner` that reads the project when it, its variables or its environment have changed.

    :param callbacks: called with every event, as `dbtRunner` does.
    """

    _state: tuple[Any, ...] = ()
    _manifest: Manifest | None = None

    def __init__(self, callbacks: list[Callable[..., None]] | None = None) -> None:
        self.callbacks = callbacks or []

    def invoke(self, arguments: list[str]) -> dbtRunnerResult:
        """Run a command of dbt.

        :param arguments: what would follow `dbt` on a command line.
        """
        if arguments[0] not in _READERS:
            return dbtRunner(callbacks=self.callbacks).invoke(arguments)
        state = _state(arguments)
        if Remembering._state != state or Remembering._manifest is None:
            dbt_ahead.wait()
            parsed = dbtRunner(callbacks=self.callbacks).invoke(["parse", *_options(arguments)])
            if not parsed.success or not isinstance(parsed.result, Manifest):
                return parsed
            Remembering._state, Remembering._manifest = state, parsed.result
            gc.freeze()  # Cosmos collects garbage after every command; the parsed project never becomes garbage
        # dbt gets a copy, because it marks in the manifest what it has compiled and would not compile that again.
        manifest = Remembering._manifest.deepcopy()  # type: ignore[no-untyped-call]
        return dbtRunner(manifest=manifest, callbacks=self.callbacks).invoke(arguments)


def _options(arguments: list[str]) -> list[str]:
    """The options of a command on which the parsed project depends, and the folder in which dbt keeps it."""
    found = []
    for name, value in pairwise(arguments):
        if name in _OPTIONS and not (name == "--target-path" and value == "target"):
            found += [name, value]
    return [*found, "--no-static-parser"]


def _state(arguments: list[str]) -> tuple[Any, ...]:
    """Everything that the manifest depends on: variables, environment, and the time of the latest change of a file of
    the project."""
    target = [value for name, value in pairwise(arguments) if name == "--target"]
    environment = sorted((k, v) for k, v in os.environ.items() if k.startswith(("ECO2MIX_", "DBT_", "GOOGLE_CLOUD_")))
    project = Path(os.environ["DBT_PROJECT_DIR"])
    files = (path for path in sorted(project.rglob("*")) if path.suffix in (".sql", ".yml", ".md"))
    changed = [(str(path), path.stat().st_mtime_ns) for path in files]
    return (*target, *environment, *changed)
