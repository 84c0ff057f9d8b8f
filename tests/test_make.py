"""The Makefile works in a folder whose path has a space, completes a half-made environment, and passes its variables on."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from laptop import doctor
from laptop.airflow import _USUAL_PORT
from laptop.environment import REPOSITORY

# It stands for Python, and tells what it was asked to do.
PYTHON = """#!/bin/sh
case "$*" in
  "-m pip --version") exit {pip} ;;
  *doctor*) ;;
  *) echo "python $*|$SQL" ;;
esac
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """A clone with a space in its path, whose programs only say how they were called."""
    clone = tmp_path / "a clone"
    for script in (".venv/bin/python", ".venv/bin/uv", ".venv-stack/bin/python"):
        write(clone / script, 'echo "uv $VIRTUAL_ENV"' if script.endswith("uv") else PYTHON.format(pip=0))
    (clone / "laptop").mkdir()
    for lock in ("requirements.lock", "laptop/requirements.lock"):
        (clone / lock).touch()
    shutil.copy(REPOSITORY / "Makefile", clone)
    return clone


def write(script: Path, text: str) -> None:
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)


def asked(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command, without what a make around this test has handed on."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "SQL"))}
    command = ["make", "--no-print-directory", f"PYTHON={folder / 'system'}".replace(" ", "\\ "), *words]
    return subprocess.run(command, cwd=folder, env=inherited, capture_output=True, text=True, check=False)


def make(folder: Path, *words: str) -> list[str]:
    """What a command prints."""
    done = asked(folder, *words)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.splitlines()


def test_the_environments_are_made_in_a_path_with_a_space(folder):
    said = make(folder, "setup")
    assert [line for line in said if line.startswith("uv")] == [f"uv {folder}/.venv", f"uv {folder}/.venv-stack"]
    assert not [line for line in said if "-m venv" in line]  # they were there
    assert make(folder, "setup") == ["make: Nothing to be done for 'setup'."]


def test_an_environment_that_was_interrupted_before_it_had_pip_is_made_again(folder):
    write(folder / ".venv/bin/python", PYTHON.format(pip=1))
    write(folder / "system", PYTHON.format(pip=0))
    assert "python -m venv .venv|" in make(folder, "setup")


def test_dollars_of_a_statement_reach_the_warehouse(folder):
    sql = "select json_value(x, '$.a'), $(b) from t"
    assert make(folder, "query", f"SQL={sql}")[-1] == f"python -m laptop.query|{sql}"


@pytest.mark.parametrize(("given", "options"), [("UNPAUSE=1", " --unpause"), ("UNPAUSE=0", ""), ("OPEN=0", "")])
def test_zero_switches_off(folder, given, options):
    write(folder / "system", PYTHON.format(pip=0))
    assert make(folder, "up", given)[-1].rstrip("|").rstrip() == f"python -m laptop.airflow up{options}"


@pytest.mark.parametrize("target", ["doctor", "demo", "up"])
def test_a_machine_without_python_is_told_so(folder, target):
    done = asked(folder, target)
    assert done.returncode and done.stdout == ""
    assert done.stderr.splitlines()[0] == "error: there is no Python → install Python 3.11 or 3.12"


def test_a_python_that_was_given_once_need_not_be_given_again(folder):
    write(folder / "system", PYTHON.format(pip=0))
    make(folder, "setup")
    (folder / "system").unlink()
    assert make(folder, "up")[-1].startswith("python -m laptop.airflow up")


@pytest.mark.parametrize(
    ("proxies", "reached"),
    [
        ({"http_proxy": "http://proxy:3128", "NO_PROXY": "intranet"}, "localhost,127.0.0.1,intranet"),
        ({"HTTP_PROXY": "http://proxy:3128"}, "localhost,127.0.0.1,"),
        ({"no_proxy": "intranet"}, "intranet"),
    ],
)
def test_no_proxy_stands_between_the_commands_and_the_emulators(folder, monkeypatch, proxies, reached):
    for name in ("http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in proxies.items():
        monkeypatch.setenv(name, value)
    write(folder / ".venv/bin/python", 'echo "$no_proxy"')
    assert make(folder, "query")[-1] == reached


def test_the_dev_container_has_what_the_commands_need():
    container = json.loads((REPOSITORY / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    version = re.search(r"/python:(\d+)\.(\d+)-", container["image"])
    assert doctor._PYTHON[0] <= tuple(map(int, version.groups())) <= doctor._PYTHON[1]
    program, target = container["postCreateCommand"].split()
    assert program == "make" and re.search(rf"^{target}:", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert container["forwardPorts"] == [_USUAL_PORT] and set(container["portsAttributes"]) == {str(_USUAL_PORT)}
    assert float(container["hostRequirements"]["storage"].removesuffix("gb")) > doctor._INSTALLED_GB
