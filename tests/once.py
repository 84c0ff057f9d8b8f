"""Work that several test files need, done once per run of the tests by whichever worker needs it first."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.keeper import folder_of_the_run


def once(name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name` of this run of the tests, which `make` fills when it does not exist yet.

    A worker that needs the folder while another one is filling it waits. When `make` fails, nothing is kept.
    """
    place = folder_of_the_run() / "once"
    place.mkdir(exist_ok=True)
    folder, unfinished = place / name, place / f"{name}.unfinished"
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder
