"""The dbt project, read once per run of the tests, and dbt's commands on what was read.

By itself, dbt reads the whole project again for every stack, because the address of the warehouse is in the profile.
Neither the address nor the window changes the result.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from odre.plan import WINDOW_VARIABLES

from laptop.manifest import PROJECT
from tests.once import once

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

# Where dbt keeps what it has read, for its own next command.
_KEPT = "partial_parse.msgpack"
_PROJECT = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))


#: First and last day of no window.
NONE = ("", "")


def dbt(*command: str, window: tuple[str, str] = NONE) -> dbtRunnerResult:
    """Run a command on the project. The environment names the warehouse and the folder for what dbt writes.

    :param window: first and last day whose months are rebuilt, as ISO dates.
    """
    from dbt.cli.main import dbtRunner

    # Every command gets a manifest of its own: dbt marks in it what it has compiled, and would not compile that again.
    manifest = kept()
    manifest.build_flat_graph()
    # dbt would write every event into a log file, a tenth of a second of each command.
    with patch.dict(os.environ, environment_of(window) | {"DBT_LOG_LEVEL_FILE": "none"}):
        return dbtRunner(manifest=manifest).invoke(["--quiet", "--no-write-json", *command, *_PROJECT])


def kept() -> Manifest:
    """What dbt keeps of the project for its next command, which is more than it writes as JSON."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    return Manifest.from_msgpack((_read() / _KEPT).read_bytes(), decoder=extended_mashumuro_decoder)


def environment_of(window: tuple[str, str]) -> dict[str, str]:
    """The variables that tell dbt its window."""
    return dict(zip(WINDOW_VARIABLES, window, strict=True))


def read() -> dict[str, Any]:
    """dbt's manifest of the project, as dbt writes it."""
    manifest: dict[str, Any] = json.loads((_read() / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def _read() -> Path:
    """The folder of the manifest."""
    return once("dbt", _parse)


def _parse(folder: Path) -> None:
    from dbt.cli.main import dbtRunner

    written = ["--target-path", str(folder), "--log-path", str(folder)]
    with patch.dict(os.environ, environment_of(NONE)):
        done = dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse", *_PROJECT, *written])
    assert done.success, done.exception
