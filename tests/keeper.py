"""Ends everything that a test run has started when the run ends, however it ends.

The first process of a run makes a folder, names it in `ECO2MIX_TESTS`, which all processes of the run inherit, and
starts a keeper: a process that waits until that first process is gone, even by `kill -9`, then ends every process that
still belongs to the folder, and removes the folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from laptop.environment import REPOSITORY
from laptop.processes import INTERRUPTED, belonging_to, descendants, end

_VARIABLE = "ECO2MIX_TESTS"
_kept: list[subprocess.Popen[bytes]] = []


def own_folder() -> Path:
    """A folder for this process; those of the workers of pytest-xdist lie in that of the run."""
    if _VARIABLE not in os.environ:
        folder = str(_folder(prefix="eco2mix-tests-"))
        command = [sys.executable, "-m", "tests.keeper", folder]
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
        _kept.append(subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, start_new_session=True))
        os.environ[_VARIABLE] = folder
    else:
        threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    return _folder(dir=os.environ[_VARIABLE])


def folder_of_the_run() -> Path:
    """The folder that all processes of this run share."""
    return Path(os.environ[_VARIABLE])


def _end_with(parent: int) -> None:
    """End this process, a worker, when the process that has started it is gone. The keeper cannot find workers, because
    their titles have overwritten the environment by which it would know them."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _folder(**where: str) -> Path:
    """A new folder that others may pass through: some services run as a user of their own when this is root."""
    folder = Path(tempfile.mkdtemp(**where))
    folder.chmod(0o711)
    return folder


def stop_at_interrupt(config: pytest.Config) -> None:
    """Have Ctrl-C end the run at once, with one line, instead of one test after another being torn down."""

    def interrupted(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        folder = folder_of_the_run()
        config.pluginmanager.getplugin("capturemanager").suspend_global_capture(in_=False)
        for _ in range(3):  # a process that is being ended may still be starting another one
            end(p for p in {*descendants(os.getpid()), *belonging_to(folder)} if p.pid != _kept[0].pid)
        shutil.rmtree(folder, ignore_errors=True)
        os.write(2, b"\ninterrupted; what the tests had started has been stopped\n")
        os._exit(INTERRUPTED)

    # a worker is ended by the process that has started it
    signal.signal(signal.SIGINT, interrupted if _kept else lambda *_: None)


def main() -> None:
    folder = Path(sys.argv[1])
    sys.stdin.read()  # until the process that has started this one is gone
    for _ in range(3):
        end(belonging_to(folder))
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
