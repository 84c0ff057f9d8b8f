"""`make dataset` adds datasets to a copy of the repository, the marks are decided as a person would decide them, and the
new DAGs run on the stack."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml
from odre.contract import tables

from laptop.environment import REPOSITORY
from laptop.scaffold.marks import undecided
from laptop.scaffold.proposal import table_of
from laptop.stack import EMULATORS, Stack
from laptop.warehouse import Warehouse
from tests.further_datasets import DAILY, DAYS, FLAGS, LAST, REGIONAL, REGIONS, write_exports

RUN = """
import sys
from pathlib import Path
from laptop.demo import run
from laptop.stack import Stack

data, catalogue, *tables = sys.argv[1:]
stack = Stack(data=Path(data), usual_ports=False, catalogue=Path(catalogue))
sys.exit(run(stack, only=tables) != "success")
"""
#: The tests without a service that look at all datasets.
KNOW_OF_DATASETS = [
    "tests/test_contract.py",
    "tests/test_decided.py",
    "tests/test_marts.py",
    "tests/test_shared_marts.py",
    "tests/test_window.py",
    "tests/deploy/test_docker.py::test_astro_dev_parse_needs_the_two_names_of_the_example",
]
#: What a person decides otherwise than proposed, by field.
DECISIONS = {
    DAILY: {"title": "gas consumption", "description": "Gas consumed in France in a day.", "lookback_days": "62"},
    REGIONAL: {"title": "regional electricity mix", "schedule": '"35 * * * *"', "solaire.range": "[-10, 5000]"},
}


class Clone:
    """A copy of the repository, with this one's environments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, text=True, check=True
        )
        for name in listed.stdout.splitlines():
            if (REPOSITORY / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(REPOSITORY / name, folder / name)
        (folder / EMULATORS.name).symlink_to(EMULATORS.resolve())

    def python(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run this interpreter in the copy, without what the tests set for themselves."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "DBT_", "ECO2MIX_", "ODRE_"))}
        kept |= {"PYTHONPATH": f"{self.folder}:{self.folder / 'plugins'}"} | environment
        return subprocess.run([sys.executable, *arguments], cwd=self.folder, env=kept, capture_output=True, text=True)

    def files(self) -> dict[str, str]:
        """Checksum of every file, by path."""
        ignored = {"__pycache__", ".stack", EMULATORS.name}
        found = (path for path in self.folder.rglob("*") if path.is_file() and not set(path.parts) & ignored)
        return {str(p.relative_to(self.folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found}

    def decide(self, table: str, decisions: dict[str, str]) -> None:
        """Take every mark of a dataset away, and write what was decided where it is not what was proposed."""
        for mark in undecided(self.folder):
            path = self.folder / mark.file
            if path.parent.name != table:
                continue
            lines = path.read_text().splitlines(keepends=True)
            line = re.sub(r"\s*(#|--) DECIDE:.*", "", lines[mark.line - 1])
            key = mark.field.split(".")[-1]
            if mark.field in decisions and ">" not in line:
                line = re.sub(rf"({key}: ).*", rf"\g<1>{decisions[mark.field]}", line)
            lines[mark.line - 1] = line
            path.write_text("".join(lines))


@pytest.fixture(scope="module")
def clone(scratch) -> Clone:
    (folder := scratch / "clone").mkdir()
    return Clone(folder)


@pytest.fixture(scope="module")
def exports(tmp_path_factory) -> tuple[Path, Path]:
    """Folder of exports, and the catalogue that describes them."""
    folder = tmp_path_factory.mktemp("source") / "exports"
    return folder, write_exports(folder)


@pytest.fixture(scope="module")
def replica(exports, tmp_path_factory):
    """URL of a replica that knows the further datasets."""
    folder, catalogue = exports
    stack = Stack(tmp_path_factory.mktemp("replica"), data=folder, catalogue=catalogue, usual_ports=False)
    service = stack._api()
    service.start()
    yield service.url
    service.stop()


@pytest.fixture(scope="module")
def scaffolded(clone, replica) -> tuple[Clone, dict[str, subprocess.CompletedProcess[str]], set[str]]:
    """The copy with both datasets, what the commands printed, and the paths that are not as they were."""
    before = clone.files()
    done = {name: clone.python("-m", "laptop.scaffold", name, ODRE_API=replica) for name in (DAILY, REGIONAL)}
    assert {name: run.returncode for name, run in done.items()} == {DAILY: 0, REGIONAL: 0}, done
    after = clone.files()
    return clone, done, {path for path in after.keys() | before.keys() if before.get(path) != after.get(path)}


def contract_of(clone: Clone, name: str) -> tuple[dict, dict]:
    path = clone.folder / "include" / "dbt" / "models" / "staging" / table_of(name) / "_sources.yml"
    [table] = yaml.safe_load(path.read_text())["sources"][0]["tables"]
    return table, table["config"]["meta"]["odre"]


def test_only_files_of_the_datasets_and_generated_ones_change(scaffolded):
    _, _, changed = scaffolded
    generated = {path for path in changed if not any(table_of(name) in path for name in (DAILY, REGIONAL))}
    manifests = {f"include/dbt/manifests/{table}.json" for table in tables()}  # the quality marts read all datasets
    assert generated == {"include/dbt/manifest.json", "include/dbt/macros/datasets.sql", *manifests}
    for table in map(table_of, (DAILY, REGIONAL)):
        folder = f"include/dbt/models/staging/{table}"
        assert {path for path in changed if f"/{table}" in path} == {
            f"dags/{table}.py",
            f"include/dbt/manifests/{table}.json",
            *(f"{folder}/{name}" for name in ("_sources.yml", f"stg_{table}.sql", f"_stg_{table}.yml", f"completeness_{table}.sql")),
        }  # fmt: skip


def test_catalogue_and_sample_are_in_the_contract(scaffolded):
    clone, _, _ = scaffolded
    table, odre = contract_of(clone, REGIONAL)
    assert (odre["publisher"], odre["license"]) == ("NaTran, RTE", "Licence Ouverte v2.0")
    assert odre["start_date"] == DAYS[0] and odre["date_column"] == "date"
    assert odre["clock"] == {"timestamp": "date_heure", "time": "heure"}
    assert odre["key"] == ["date", "heure", "code_insee_region"]  # the code, not the label
    assert odre["observed_column"] == "consommation"
    columns = {column["name"]: column for column in table["columns"]}
    assert list(columns) == ["code_insee_region", "libelle_region", "nature", "date", "heure", "date_heure", "consommation",
                             "prevision_j", "solaire"]  # fmt: skip
    assert columns["solaire"]["data_type"] == "FLOAT64"  # text in the catalogue
    assert columns["consommation"]["config"]["meta"]["unit"] == "MW"
    low, high = columns["consommation"]["config"]["meta"]["range"]
    assert low == 0 and high >= 2 * (93 * 100 + 50 + 95)
    table, odre = contract_of(clone, DAILY)
    assert odre["key"] == ["date"] and "clock" not in odre and odre["observed_column"] == "conso_gwh"
    assert table["description"].startswith("Consommation de gaz en France, par jour gazier.")
    # a word that GoogleSQL reserves
    [renamed] = [c for c in table["columns"] if c["config"]["meta"]["label"] == "Group"]
    assert renamed["name"] == "group_value" and renamed["config"]["meta"]["aliases"] == ["group"]


def test_every_proposal_is_explained_marked_and_named(scaffolded):
    clone, done, _ = scaffolded
    marks = [mark for mark in undecided(clone.folder) if table_of(REGIONAL) in mark.file]
    fields = {mark.field for mark in marks}
    assert fields >= {"title", "key", "date_column", "clock", "observed_column", "schedule", "lookback_days", "coverage",
                      "warn_after", "error_after", "consommation.range", "libelle_region.description", "names"}  # fmt: skip
    assert "date.description" not in fields  # the role of a day column is known
    assert all(str(mark) in done[REGIONAL].stdout for mark in marks) and "make check" in done[REGIONAL].stdout
    text = (clone.folder / marks[0].file).read_text()
    assert "# Columns that together identify a row" in text and "# Cron expression of the DAG" in text
    refused = clone.python("-m", "pytest", "-q", "tests/test_decided.py")
    assert refused.returncode == 1 and all(str(mark) in refused.stdout for mark in marks)


def test_what_is_generated_is_clean(scaffolded):
    clone, _, changed = scaffolded
    tools = Path(sys.executable).parent
    python, sql, yml = ([p for p in changed if p.endswith(end)] for end in (".py", ".sql", ".yml"))
    for command in (
        [tools / "ruff", "check", *python], [tools / "ruff", "format", "--check", *python],
        [tools / "sqlfluff", "lint", "--disable-progress-bar", *sql], [tools / "yamllint", "--strict", *yml],
    ):  # fmt: skip
        done = subprocess.run(command, cwd=clone.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("eco2mix-regional-t", r"does not know this dataset → did you mean eco2mix-regional-tr\b"),
        ("eco2mix-national-tr", r"_sources\.yml loads it already"),
        ("eco2mix-national-cons-def", r"eco2mix_national_tr/_sources\.yml loads it already"),
        ("parc-national", r"its rows have no day: no field is of type date or datetime"),
        ("consommation-mensuelle", r"its rows have no day"),
        ("../etc", r"is no id of a dataset"),
        (DAILY, r"_sources\.yml loads it already"),
    ],
)
def test_a_refusal_is_one_line_and_writes_nothing(scaffolded, replica, name, says):
    clone, _, _ = scaffolded
    before = clone.files()
    refused = clone.python("-m", "laptop.scaffold", name, ODRE_API=replica)
    assert refused.returncode == 1 and re.search(says, refused.stderr), refused.stderr
    assert len(refused.stderr.splitlines()) == 1 and " → " in refused.stderr
    assert clone.files() == before and not list(clone.folder.glob(".scaffold-*"))


def test_an_api_that_does_not_answer_is_one_line(clone):
    refused = clone.python("-m", "laptop.scaffold", "anything", ODRE_API="http://127.0.0.1:9")
    assert refused.returncode == 1 and refused.stderr.count("\n") == 1
    assert "the API does not answer" in refused.stderr


@pytest.fixture(scope="module")
def decided(scaffolded) -> Clone:
    """The copy after a person has decided everything."""
    clone, _, _ = scaffolded
    for name in (DAILY, REGIONAL):
        clone.decide(table_of(name), DECISIONS[name])
    assert undecided(clone.folder) == []
    made = clone.python("-m", "laptop.manifest")
    assert made.returncode == 0, made.stderr
    return clone


def test_the_tests_hold_for_them_as_they_are(decided):
    """A test that knows how many datasets there are, or their names, would have to be changed with every new one."""
    done = decided.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not service", *KNOW_OF_DATASETS)
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_day_whose_newest_answer_was_left_out_is_flagged(decided, tmp_path):
    tables = sorted(map(table_of, (DAILY, REGIONAL)))
    done = decided.python("-c", FLAGS, *tables, ECO2MIX_TESTS=str(tmp_path))
    assert done.returncode == 0, done.stderr[-3000:]
    said = [line.split(maxsplit=3) for line in done.stdout.splitlines()]
    assert [line[:3] for line in said] == [
        [table, day, flag] for table in tables for day, flag in (("2024-01-01", "False"), ("2024-01-02", "True"))
    ]
    assert {line[3] for line in said if line[2] == "True"} == {"newest answer set aside"}


@pytest.fixture(scope="module")
def ran(decided, exports):
    """A warehouse, and the lake, after both DAGs ran with what was decided."""
    clone = decided
    stack = Stack(state=clone.folder / ".stack", usual_ports=False)
    try:
        done = clone.python("-c", RUN, *map(str, exports), table_of(DAILY), table_of(REGIONAL))
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        yield Warehouse(Stack.recorded_environment(stack.state)), stack.lake_folder
    finally:
        stack.reset()


def test_landing_and_staging_have_the_rows_of_the_source(ran):
    warehouse, _ = ran
    regional, daily = table_of(REGIONAL), table_of(DAILY)
    [row] = warehouse.query(
        f"select count(*), count(distinct code_insee_region), countif(consommation is null), sum(consommation), countif(solaire is null) "
        f"from de_project_staging.{regional}")[1]  # fmt: skip
    steps = len(DAYS) * 96
    total = sum(code * 100 + n * 10 + q for code in REGIONS for n in range(len(DAYS)) for q in range(96))
    assert row == ((steps + 96) * 12, 12, 96 * 12, total, (96 + len(DAYS)) * 12)
    [row] = warehouse.query(
        f"select count(*), count(distinct started_at), sum(consommation_mw) from de_project_development.stg_{regional}")[1]  # fmt: skip
    assert row == ((steps + 96) * 12, steps + 96, total)
    rows = warehouse.query(
        f"select local_date, conso_gwh, group_value from de_project_development.stg_{daily} order by 1"
    )[1]
    assert rows == [(day, 1_500.5 + n, "France") for n, day in enumerate(DAYS)]


def test_completeness_and_dashboard_name_them(ran):
    warehouse, lake = ran
    _, rows = warehouse.query(
        "select source_table, local_date, received, expected, is_complete from de_project_development.completeness_daily "
        f"where source_table in ('{table_of(DAILY)}', '{table_of(REGIONAL)}') and local_date <= date '{LAST}'")  # fmt: skip
    expected = {table_of(DAILY): 1, table_of(REGIONAL): 12 * 96}
    assert sorted(rows) == sorted((t, day, n, n, True) for t, n in expected.items() for day in DAYS)
    [page] = lake.glob("*/dashboard/index.html")
    # The page's data are compressed: what begins as gzip does, in base64.
    [packed] = re.findall(r"H4sI[\w+/=]+", page.read_text(encoding="utf-8"))
    titles = json.loads(gzip.decompress(base64.b64decode(packed)))["languages"]["en"]["titles"]
    for name, decisions in DECISIONS.items():
        assert titles[table_of(name)] == decisions["title"]
    assert all(isinstance(day, date) for _, day, *_ in rows)
