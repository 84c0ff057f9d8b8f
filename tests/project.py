"""The dbt project, read once per run of the tests, and dbt's commands on what was read.

dbt reads the whole project again for every stack, because the address of the warehouse is in the profile. The address
changes nothing of what it reads. The variables do: the partitions of a model are those of the window.
"""

from __future__ import annotations

import hashlib
import json
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from laptop.manifest import PROJECT
from tests.once import once

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

# Where dbt keeps what it has read, for its own next command.
_KEPT = "partial_parse.msgpack"
_PROJECT = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))


def dbt(*command: str) -> dbtRunnerResult:
    """Run a command on the project. The environment names the warehouse and the folder for what dbt writes."""
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    [variables] = [value for option, value in pairwise(command) if option == "--vars"] or [""]
    # Every command gets a manifest of its own: dbt marks in it what it has compiled, and would not compile that again.
    kept = (_read(variables) / _KEPT).read_bytes()
    manifest = Manifest.from_msgpack(kept, decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()
    return dbtRunner(manifest=manifest).invoke(["--quiet", "--no-write-json", *command, *_PROJECT])


def read() -> dict[str, Any]:
    """dbt's manifest of the project without a window, as dbt writes it."""
    manifest: dict[str, Any] = json.loads((_read("") / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def _read(variables: str) -> Path:
    """The folder of the manifest for these variables."""
    name = f"dbt {hashlib.sha256(variables.encode()).hexdigest()}" if variables else "dbt"
    return once(name, partial(_parse, variables))


def _parse(variables: str, folder: Path) -> None:
    from dbt.cli.main import dbtRunner

    written = ["--target-path", str(folder), "--log-path", str(folder)]
    given = ["--vars", variables] if variables else []
    done = dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse", *given, *_PROJECT, *written])
    assert done.success, done.exception
