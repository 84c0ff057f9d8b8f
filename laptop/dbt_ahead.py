"""Reads the dbt project in a process of its own, while this one starts services and loads data.

dbt keeps what it has read (https://docs.getdbt.com/reference/parsing#partial-parsing), so the first dbt command of this
process then only checks whether files have changed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_reading: list[subprocess.Popen[bytes]] = []


def begin(environment: Mapping[str, str], table: str) -> None:
    """Begin to read the project for the DAG of a landing table, with the options that `laptop.dbt_once` gives to dbt.

    :param environment: all environment variables of the process that reads.
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
    """Wait until the reading has ended. It need not have succeeded, because dbt reads again whatever is missing."""
    while _reading:
        _reading.pop().wait()
