"""The GoogleSQL gate: Google's own analyzer reads every statement that whole runs send, as dbt's target `development` has
them: contract DDL, models, data tests, partitions that are replaced, the MERGE, freshness and the dashboard's queries; and
the examples of the documentation."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from odre.contract import load_contract, tables
from odre.contract_fields import Decision
from odre.ledger import LEDGER
from odre.sql.merge import replace_window
from odre.transform import NOT_IN_THE_DAG
from odre.window import Window

from laptop.demo import load_dag
from laptop.edge.billing import is_contract_check
from laptop.environment import DATASETS, PROJECT_ID, REPOSITORY
from tests.faults.run import TASKS, IngestRun
from tests.gate import STAGING, Gate, contract_columns, kind_of, landing_gate
from tests.plans import load
from tests.project import NONE, environment_of
from tests.proxied import proxied
from tests.tables import MARTS, examples

FIRST, LAST = "2023-11-10", "2023-12-05"
NO_UNIT_TESTS = ("--exclude", "resource_type:unit_test")
AS_THE_DAG = ("--exclude", *NOT_IN_THE_DAG)
PROJECT = REPOSITORY / "include" / "dbt"
# a string of any kind, a comment, or the end of a statement
_PARTS = re.compile(
    r'"""(?:\\.|.)*?"""|\'\'\'(?:\\.|.)*?\'\'\'|"(?:\\.|.)*?"|\'(?:\\.|.)*?\'|`.*?`|--[^\n]*|/\*.*?\*/|(;)', re.DOTALL
)
_TARGET = re.compile(
    r"create\s+(?:or\s+replace\s+)?(?:table|view)\s+(?:if\s+not\s+exists\s+)?((?:`[^`]+`\.?)+)", re.IGNORECASE
)


@pytest.fixture(scope="module")
def sent(shared_stack, tmp_path_factory, airflow_home) -> list[str]:
    """The statements of a first and of a windowed run of everything, in order."""
    folder = tmp_path_factory.mktemp("statements")
    with proxied(shared_stack) as (_, proxy):
        dbt = development(folder)
        runs = [IngestRun(load_dag(table), f"statements-{table}", FIRST, LAST, folder) for table in tables()]
        for run in runs:
            run.finish(TASKS[0])
        dbt("build", *NO_UNIT_TESTS)
        for run in runs:
            run.finish(TASKS[0])
        dbt("build", *AS_THE_DAG, window=(FIRST, LAST))
        dbt("source", "freshness", expect=False)
        runs[0].task("publish_dashboard")
        runs[0].dag_run.run_type = "scheduled"  # which asks the ledger what is owed
        runs[0].task("window")
        return [call.statement for call in proxy.calls if call.kind == "query job"]


def development(folder: Path):
    """Run dbt for target `development`, which differs from `local` in nothing but the connection, given `local`'s."""
    from dbt.cli.main import dbtRunner

    profiles = yaml.safe_load((PROJECT / "profiles.yml").read_text())
    outputs = profiles["eco2mix"]["outputs"]
    outputs["development"] = outputs["local"]
    (folder / "profiles.yml").write_text(yaml.safe_dump(profiles))

    def run(*command: str, expect: bool = True, window: tuple[str, str] = NONE) -> None:
        options = ["--project-dir", str(PROJECT), "--profiles-dir", str(folder), "--target", "development"]
        with patch.dict(os.environ, environment_of(window)):
            done = dbtRunner().invoke(["--quiet", *command, *options, "--target-path", str(folder / "target")])
        failed = [r for r in done.result or () if r.status not in ("success", "pass", "no-op")]
        assert done.success or not expect, done.exception or [(r.node.name, r.message) for r in failed]

    return run


def statements(script: str) -> Iterator[str]:
    """The statements of a script."""
    began = 0
    for part in _PARTS.finditer(script):
        if part[1]:
            yield script[began : part.start()]
            began = part.end()
    yield script[began:]


def without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/", "", sql, flags=re.DOTALL).strip()


def test_the_analyzer_reads_every_statement(sent):
    gate, read = landing_gate(), set()
    # Seeds are loaded, and no statement makes them.
    for seed in yaml.safe_load((PROJECT / "seeds" / "_seeds.yml").read_text(encoding="utf-8"))["seeds"]:
        kinds = seed["config"]["column_types"].items()
        gate.add(
            f"{PROJECT_ID}.{DATASETS['DEVELOPMENT']}.{seed['name']}", [(name, kind_of(kind)) for name, kind in kinds]
        )
    for script in sent:
        for table, batch in re.findall(rf"`{STAGING}\.((\w+)__batch_\w+)`", script):
            gate.add(f"{STAGING}.{table}", contract_columns(batch))
        for statement in statements(script):
            said = without_comments(statement)
            if not said or said in read:  # a statement that is sent again is read once
                continue
            try:
                resolved = gate.check(statement)
            except Exception as error:
                raise AssertionError(f"{error}\n{statement}") from error
            read.add(said)
            if made := _TARGET.search(statement):
                columns = [(output.name, output.column.type) for output in resolved.output_column_list]
                gate.add(made[1].replace("`", ""), columns)
    assert len(read) >= len({without_comments(script) for script in sent})
    for name, sql in examples().items():
        gate.check(re.sub(rf"\bfrom {name}\b", f"from `{PROJECT_ID}.{MARTS}.{name}`", sql))


@pytest.mark.parametrize(
    "what",
    [
        r"create or replace table `[^(]+\(\s+`?\w+`? \w+",  # columns of a contract
        r"not null|options \(description",
        # replaced partitions, as BigQuery gets them
        r"when not matched by source\s+and .+ in \(\s*date '2023-11-01',\s*date '2023-12-01'\s*\)",
        r"merge `\S+` as landed",
        r"error\(array_to_string\(\[\"mix_daily: ",  # data tests as guards
        r"qualify if\(count\(\*\) over \(partition by local_date, border\) = 1",
        r"\"node\": \"test\.",
        r"from `\S+mix_hourly` where local_date > ",  # the page
        r"max\(date_heure\)",  # freshness
        r"as was_loaded",  # whether a sweep is owed
    ],
)
def test_a_run_sends_what_is_claimed_to_be_read(sent, what):
    """The runs send statements of every kind that the analyzer is said to read."""
    assert [statement for statement in sent if re.search(what, statement, re.IGNORECASE)], what


def test_a_windowed_run_asks_for_no_columns(sent):
    """The second run sends no contract check; the first one sends some."""
    checks = [number for number, statement in enumerate(sent) if is_contract_check(statement)]
    windowed = [number for number, statement in enumerate(sent) if "when not matched by source" in statement]
    assert checks and max(checks) < min(windowed)


def test_a_view_that_says_what_the_model_says_is_left_alone(sent):
    """The first run makes every view, and the windowed run none."""
    made = [_TARGET.search(statement)[1] for statement in sent if re.search(r"create or replace view", statement)]
    assert made and len(set(made)) == len(made)


@pytest.fixture
def gate() -> Gate:
    gate = landing_gate()
    for table in tables():
        gate.add(f"{STAGING}.{table}__batch", contract_columns(table))
    return gate


@pytest.mark.parametrize("table", tables())
def test_the_merge_script(gate, table):
    name = f"{STAGING}.{table}"
    window, decided = Window(date(2021, 12, 1), date(2021, 12, 31)), Decision(day="2021-12-05", verdict="accept")
    contract = load_contract(table).model_copy(update={"decisions": (decided,)})
    given = load(window, 2976, days_set_aside=(date(2021, 12, 5),), run_id="it's a \\ run\n")
    script = replace_window(contract, name, f"{name}__batch", f"{STAGING}.{LEDGER}", given)
    statements = [part.strip() for part in script.split(";\n") if part.strip()]
    kinds = ["begin transaction", "insert", "merge", "commit transaction", "select"]
    bare = [re.sub(r"^(--.*\n|\s)+", "", statement) for statement in statements]
    assert [kind for kind, statement in zip(kinds, bare, strict=True) if not statement.startswith(kind)] == []
    for statement in statements:
        gate.check(statement)


@pytest.mark.parametrize(
    "sql",
    [
        "select sum(date) from `{gas}`",
        "select if(date is null, 'a', 2) from `{gas}`",
        "select date + '1' from `{gas}`",
        "select pits, sum(stock_fin_de_journee) from `{gas}`",
        "select nowhere from `{gas}`",
        "select * from `{gas}` where pits ilike 's%'",
    ],
)
def test_the_gate_rejects_what_bigquery_rejects(gate, sql):
    with pytest.raises(Exception, match=r"(?i)(no matching signature|unrecognized|neither grouped|syntax error)"):
        gate.check(sql.format(gas=f"{STAGING}.stock_quotidien_stockages_gaz"))
