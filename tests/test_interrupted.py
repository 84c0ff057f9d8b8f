"""`make demo`, `make up` and `make test`, interrupted by Ctrl-C or killed: they print one line and leave nothing running."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from laptop.processes import belonging_to, end
from tests.breaks.__main__ import copy_of_the_tree
from tests.scheduler import eventually

pytestmark = pytest.mark.service
SECONDS = 10  # seconds on a machine that does nothing else


def patience() -> float:
    """Seconds until a command must have ended: on a machine that others use too, as many times more as more processes
    want a core than there are cores."""
    return SECONDS * max(1.0, max(os.getloadavg()[:2]) / (os.cpu_count() or 1))


# It stands for Airflow: a service, and a process with a group of its own that ignores the signal to end.
PROBE = """
import signal, subprocess, sys, time

from laptop.stack import Stack


def test_that_goes_on(tmp_path):
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    with Stack(state=tmp_path, usual_ports=False, api="http://127.0.0.1:9"):
        task = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE, start_new_session=True)
        task.stdout.readline()
        (tmp_path / "in the middle").touch()
        time.sleep(600)
"""


@pytest.fixture(scope="module")
def tree(scratch) -> Path:
    """A copy of the repository with a stack of its own."""
    folder = scratch / "tree"
    folder.mkdir()
    copy_of_the_tree(folder)
    (folder / "tests" / "test_probe.py").write_text(PROBE, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def _one_after_the_other(tree) -> Iterator[None]:
    """A test that fails leaves nothing to the next one."""
    yield
    end(belonging_to(tree))


def commands(folder: Path) -> list[str]:
    """Command lines of what belongs to a folder."""
    found = []
    for process in belonging_to(folder):
        with contextlib.suppress(psutil.Error):
            found.append(" ".join(process.cmdline()))
    return found


class Command:
    """A `make` command in a terminal of its own."""

    def __init__(self, tree: Path, *words: str, **variables: str) -> None:
        # `make test` runs this test under a make of its own.
        ours = ("AIRFLOW", "ECO2MIX", "PYTEST", "DBT", "MAKE", "MFLAGS")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        self.tree, self.output = tree, tree / "output"
        with self.output.open("wb") as output:
            self.make = subprocess.Popen(
                ["make", "--no-print-directory", *words], cwd=tree, stdout=output, stderr=subprocess.STDOUT,
                env=inherited | variables, start_new_session=True,
            )  # fmt: skip

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def until(self, holds: Callable[[], object]) -> None:
        eventually(lambda: holds() or self._goes_on())

    def _goes_on(self) -> bool:
        assert self.make.poll() is None, self.said()
        return False

    def ended(self) -> str:
        """Wait for the end of the command and of all that belongs to it; what it said from `interrupted` on."""
        seconds = patience()
        deadline = time.monotonic() + seconds
        self.make.wait(seconds)
        # The run of tests that this one belongs to names its folder, and not the tree's, to its own processes.
        while left := commands(self.tree):
            assert time.monotonic() < deadline, left
        said = self.said()
        assert "Traceback" not in said
        return said[said.find("interrupted") :] if "interrupted" in said else ""


def interrupt(command: Command) -> None:
    """Do what Ctrl-C does: send the signal to every process of the terminal's foreground group."""
    os.killpg(command.make.pid, signal.SIGINT)


def lines(said: str) -> list[str]:
    """Without the line of make itself."""
    return [line for line in said.splitlines() if not line.startswith("make: ***")]


STOPPED = ["interrupted; what this command had started has been stopped"]


def test_make_demo_in_the_middle_of_dbt(tree):
    command = Command(tree, "demo")
    logs = tree / ".stack"  # each task has a log of its own
    command.until(
        lambda: any("Running with dbt" in log.read_text(errors="replace") for log in logs.rglob("attempt=*.log"))
    )
    interrupt(command)
    assert lines(command.ended()) == STOPPED


def test_make_up_while_airflow_starts(tree):
    command = Command(tree, "up")
    command.until(lambda: any(line.endswith("airflow standalone") for line in commands(tree / ".stack")))
    interrupt(command)
    assert lines(command.ended()) == STOPPED


@pytest.mark.parametrize("workers", ["0", "2"])
def test_make_test(tree, workers):
    command = in_the_middle(tree, workers)
    interrupt(command)
    assert lines(command.ended()) == ["interrupted; what the tests had started has been stopped"]


def test_pytest_alone_is_killed(tree):
    """The killed process can do nothing; its keeper ends the rest."""
    command = in_the_middle(tree, "2")
    [pytest_] = psutil.Process(command.make.pid).children()
    pytest_.kill()
    assert lines(command.ended()) == []


def in_the_middle(tree: Path, workers: str) -> Command:
    """`make test`, in the middle of a test."""
    folder = tree / f"tests-{time.monotonic_ns()}"
    options = f"tests/test_probe.py --basetemp={folder} -p no:cacheprovider"
    command = Command(tree, "test", f"JOBS={workers}", PYTEST_ADDOPTS=options, TMPDIR=str(tree))
    command.until(lambda: list(folder.rglob("in the middle")))
    return command
