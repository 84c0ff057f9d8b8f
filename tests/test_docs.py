"""The things that the documentation names exist."""

from __future__ import annotations

import re
import subprocess
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from laptop.environment import REPOSITORY

PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")])


def anchors(page: Path) -> set[str]:
    """Anchors GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_exist(page):
    known = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    typed = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert typed <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page):
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    files = listed.stdout.splitlines()
    named = re.findall(r"`((?:dags|plugins|include|laptop|terraform|tests|docs)/[\w./-]*)`", page.read_text())
    named = [n for n in named if not n.startswith("dags/include/")]  # a place in the bucket
    missing = [n for n in named if not any(file == n or file.startswith(n.rstrip("/") + "/") for file in files)]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tests_that_are_named_exist(page):
    for file, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page.read_text()):
        assert re.search(rf"^def {name}\(", (REPOSITORY / file).read_text(), re.MULTILINE), f"{file}::{name}"


def test_the_configuration_table_names_every_variable():
    read = {
        name
        for source in ("plugins/odre/settings.py", "include/dbt/profiles.yml")
        for name in re.findall(r"\b(?:ECO2MIX|DBT)_[A-Z_]+\b", (REPOSITORY / source).read_text())
    }
    table = re.search(r"\| environment variable.*?\n\n", (REPOSITORY / "README.md").read_text(), re.DOTALL)[0]
    told = set(re.findall(r"`((?:ECO2MIX|DBT)_[A-Z_]+)`", table))
    assert read - told == set(), "add these to the table of environment variables in the README"
    assert told - read == set(), "nothing reads these: take them out of the table in the README"


def test_the_configuration_table_gives_the_defaults():
    from odre.settings import Settings

    readme = (REPOSITORY / "README.md").read_text()
    for field in Settings.model_fields.values():
        name = field.validation_alias
        rows = [line for line in readme.splitlines() if line.startswith("| `") and f"`{name}`" in line.split(" | ")[0]]
        assert len(rows) == 1, f"{name}: give it one row in the table of environment variables in the README"
        if field.default is not None and not field.is_required():
            default = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
            assert f"`{default}`" in rows[0].rsplit(" | ", 1)[1], (
                f"{name}: the README says another default than settings.py"
            )


def test_the_readme_says_how_often_each_dag_runs():
    from croniter import croniter
    from odre.contract import load_contract, tables

    longest = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "monthly": timedelta(days=31)}
    said = dict(re.findall(r"^\| `(\w+)` \| .* \| (\w+) \|$", (REPOSITORY / "README.md").read_text(), re.MULTILINE))
    named = sorted(said.keys() & set(tables()))
    assert named
    for table in named:
        runs = croniter(load_contract(table).schedule, datetime(2023, 12, 31))
        gaps = [after - before for before, after in pairwise([runs.get_next(datetime) for _ in range(13)])]
        cadence = next((word for word, gap in longest.items() if max(gaps) <= gap), "less often")
        assert said[table] == cadence, f"README.md: the table of DAGs says that `{table}` runs {said[table]}"
