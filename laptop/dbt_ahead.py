"""Reads the dbt project in a process of its own, while this one starts services and loads data.

dbt keeps what it has read (https://docs.getdbt.com/reference/parsing#partial-parsing), so the first command of dbt in
this process then only looks whether files have changed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_reading: list[subprocess.Popen[bytes]] = []


def begin(environment: Mapping[str, str], table: str) -> None:
    """Begin to read the project for the DAG of a landing table, with the options that `laptop.dbt_once` gives to dbt.

    :param environment: of the process, all of it.
    """
    project = environment["DBT_PROJECT_DIR"]
    options = {
        "--project-dir": project,
        "--profiles-dir": project,
        "--profile": "eco2mix",
        "--target": environment["DBT_TARGET"],
        "--target-path": str(Path(environment["DBT_TARGET_PATH"]) / table),
    }
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", "parse", "--no-static-parser"]
    for name, value in options.items():
        command += [name, value]
    null = subprocess.DEVNULL
    _reading.append(subprocess.Popen(command, env=dict(environment), stdin=null, stdout=null, stderr=null))


def wait() -> None:
    """Wait until that has ended. Whether it has succeeded does not matter: dbt reads again what it does not find."""
    while _reading:
        _reading.pop().wait()
