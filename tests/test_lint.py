"""`make lint` finds nothing, and each of its tools does refuse what it is meant to refuse."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from laptop.environment import REPOSITORY

BINARIES = Path(sys.executable).parent


@pytest.mark.service  # it is `make lint`, which `make check` runs beside the tests
def test_every_file_is_clean():
    done = subprocess.run(
        [BINARIES / "pre-commit", "run", "--all-files", "--show-diff-on-failure", "--color", "never"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("hook", "name", "text"),
    [
        ("ruff-check", "bad.py", "print(nowhere)\n"),
        ("sqlfluff", "bad.sql", "SELECT  a FROM b\n"),
        ("oxlint", "bad.js", "export const shown = document.title;\n"),
        ("yamllint", "bad.yml", "a: 1\na: 2\n"),
        ("typos", "bad.md", "We recieve data.\n"),
    ],
)
def test_a_hook_refuses_what_is_wrong(tmp_path, hook, name, text):
    (hooks,) = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())["repos"]
    (entry,) = (h["entry"] for h in hooks["hooks"] if h["id"] == hook)
    (tmp_path / name).write_text(text)
    configuration = ["--config", "pyproject.toml"] if hook == "sqlfluff" else []
    command = [REPOSITORY / entry.split()[0], *entry.split()[1:], *configuration, tmp_path / name]
    assert subprocess.run([*command], cwd=REPOSITORY, capture_output=True).returncode != 0
