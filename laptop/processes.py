"""Finds processes that belong together and ends them, on Ctrl-C too."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

INTERRUPTED = 130
_POLITE_SECONDS = 3.0


def descendants(pid: int) -> list[psutil.Process]:
    """Children of a process, their children, and so on, whatever groups and sessions they are in."""
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def belonging_to(folder: Path) -> list[psutil.Process]:
    """Processes whose environment, command line or current folder names a folder, and their descendants, without this
    process. Descendants are included because a process that sets its own title, as Airflow's API server does,
    overwrites its environment."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            told = [process.cwd(), *process.cmdline(), *process.environ().values()]
            if any(str(folder) in text for text in told):
                found |= {other.pid: other for other in (process, *descendants(process.pid))}
    found.pop(os.getpid(), None)
    return [process for process in found.values() if _runs(process)]


def _runs(process: psutil.Process) -> bool:
    """Whether a process runs. A zombie does not: it has ended and waits for its parent to notice."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def end(processes: Iterable[psutil.Process], patience: float = _POLITE_SECONDS) -> None:
    """End processes: first with a signal that they can handle, later by killing them.

    :param patience: seconds until those that have not ended are killed.
    """
    waiting = list(processes)
    for process in waiting:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, left = psutil.wait_procs(waiting, patience)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, patience)


def interruptible(command: Callable[[], int], stop: Callable[[], None] = lambda: None) -> int:
    """Run a command of the Makefile so that Ctrl-C ends it, and everything that it has started, at once and with one
    line. `KeyboardInterrupt` is not used, because dbt treats it as the failure of a model and the next task begins.

    :param stop: stops processes that the command has started and that are not its descendants.
    :returns: the exit code of `command`; an interrupted process ends with `INTERRUPTED` and does not return.
    """
    # a copy, because the output of the command may have been redirected to a file when Ctrl-C is pressed
    terminal = os.dup(2)

    def interrupted(*signal_and_frame: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for _round in range(3):  # a thread of this process may be starting another one
            end(descendants(os.getpid()))
        with contextlib.suppress(Exception):
            stop()
        os.write(terminal, b"\ninterrupted; what this command had started has been stopped\n")
        os._exit(INTERRUPTED)

    previous = signal.signal(signal.SIGINT, interrupted)
    try:
        return command()
    finally:
        signal.signal(signal.SIGINT, previous)
        os.close(terminal)
