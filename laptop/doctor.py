"""Checks, before anything is started, that this machine has what the commands need; `make doctor` prints every check.

Standard library only, so that it runs before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
_PYTHON = ((3, 11), (3, 12))
# The two Python environments take 2.5 GB; the sample and Airflow's database take half a gigabyte.
_INSTALLED_GB, _RUNNING_GB = 3.0, 0.5
_PORTS = {
    8080: "the Airflow UI",
    4443: "the lake",
    9050: "the warehouse",
    9060: "the warehouse",
    8090: "the API's replica",
}


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    :param problem: why a command cannot work; empty when nothing is wrong.
    :param fix: what to do.
    :param note: what was found.
    """

    name: str
    note: str
    problem: str = ""
    fix: str = ""

    def __str__(self) -> str:
        told = f"{self.problem} → {self.fix}" if self.problem else self.note
        return f"{'✗' if self.problem else '✓'} {self.name:<10} {told}"


def examine(repository: Path = REPOSITORY, environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Check everything, the ports last."""
    yield from necessary(repository, environment)
    for port, owner in _PORTS.items():
        state = f"taken: {owner} runs already, or will use another port" if _is_taken(port) else "free"
        yield Finding("port", f"{port} is {state}")


def necessary(repository: Path = REPOSITORY, environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Check what every command needs: Python, the repository's folder, the disk, and `ODRE_DATA` when it is set."""
    yield _python(repository)
    yield _writable(repository)
    yield _disk(repository)
    if given := environment.get("ODRE_DATA"):
        yield _folder(Path(given))


def problem(repository: Path = REPOSITORY, environment: Mapping[str, str] = os.environ) -> str | None:
    """One line about the first problem that keeps a command from working; `None` when there is none."""
    found = (finding for finding in necessary(repository, environment) if finding.problem)
    return next((f"{finding.problem} → {finding.fix}" for finding in found), None)


def _python(repository: Path) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if not _PYTHON[0] <= sys.version_info[:2] <= _PYTHON[1]:
        fix = "make PYTHON=/path/to/one of them"
        return Finding("Python", "", f"Python is {version}, and 3.11 or 3.12 is needed", fix)
    if not (repository / ".venv" / ".ready").exists() and find_spec("ensurepip") is None:
        fix = "install what is missing; on Debian and Ubuntu it is the package python3-venv"
        return Finding("Python", "", f"Python {version} lacks ensurepip, so it can make no environment", fix)
    return Finding("Python", version)


def _writable(repository: Path) -> Finding:
    for folder in (repository, repository / ".stack"):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            fix = "clone into a folder of your own, or chown it"
            return Finding("folder", "", f"{folder} cannot be written to", fix)
    return Finding("folder", str(repository))


def _disk(repository: Path) -> Finding:
    free = shutil.disk_usage(repository).free / 1e9
    needed = _RUNNING_GB if (repository / ".venv-stack" / ".ready").exists() else _INSTALLED_GB
    if free >= needed:
        return Finding("disk", f"{free:.0f} GB free")
    return Finding("disk", "", f"{free:.1f} GB are free at {repository}, and {needed} GB are needed", "make room there")


def _folder(folder: Path) -> Finding:
    if folder.is_dir() and os.access(folder, os.R_OK | os.X_OK):
        return Finding("exports", str(folder))
    why = "cannot be read" if folder.exists() else "does not exist"
    return Finding("exports", "", f"ODRE_DATA: {folder} {why}", "give a folder of ODRÉ exports")


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def main(show: Callable[[str], None] = print) -> int:
    """Show all findings; with the argument `--quick`, only what keeps every command from working.

    :returns: 1 when something is wrong.
    """
    if sys.argv[1:] == ["--quick"]:
        if found := problem():
            print(f"error: {found}", file=sys.stderr)
        return 1 if found else 0
    findings = list(examine())
    for finding in findings:
        show(str(finding))
    return int(any(finding.problem for finding in findings))


if __name__ == "__main__":
    sys.exit(main())
