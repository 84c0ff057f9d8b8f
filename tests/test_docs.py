"""What the documentation names is there."""

from __future__ import annotations

import re
import subprocess
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
    assert set(re.findall(r"`((?:ECO2MIX|DBT)_[A-Z_]+)`", table)) == read


def test_the_configuration_table_gives_the_defaults(monkeypatch):
    from odre.settings import Settings

    for name in ("LOCATION", "STAGING_DATASET", "DEVELOPMENT_DATASET", "PRODUCTION_DATASET", "WAREHOUSE_POOL"):
        monkeypatch.delenv(f"ECO2MIX_{name}", raising=False)
    monkeypatch.delenv("DBT_TARGET", raising=False)
    readme, settings = (REPOSITORY / "README.md").read_text(), Settings(project_id="p", lake_bucket="b")
    for name, default in {
        "LOCATION": settings.location,
        "STAGING_DATASET": settings.staging_dataset,
        "DEVELOPMENT_DATASET": settings.development_dataset,
        "PRODUCTION_DATASET": settings.production_dataset,
        "WAREHOUSE_POOL": settings.warehouse_pool,
        "MAXIMUM_BYTES_BILLED": settings.maximum_bytes_billed,
        "RUN_DEADLINE_MINUTES": f"{settings.run_deadline_minutes:g}",
    }.items():
        (row,) = [line for line in readme.splitlines() if line.startswith("| `") and f"`ECO2MIX_{name}`" in line]
        assert f"`{default}`" in row.rsplit("|", 2)[1]
