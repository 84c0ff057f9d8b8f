"""The GoogleSQL gate: every statement the project sends passes Google's own analyzer, with the contracts'
schemas. What the emulator forgives, BigQuery rejects."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from odre.contract import load_contract, tables
from odre.contract_fields import Decision
from odre.ledger import LEDGER, LEDGER_FIELDS, SET_ASIDE, SET_ASIDE_FIELDS
from odre.sql.merge import replace_window
from odre.window import Window
from zetasql.api import Analyzer, CatalogBuilder, TableBuilder
from zetasql.types import AnalyzerOptions, LanguageOptions, TypeKind, ZetaSQLBuiltinFunctionOptions

from laptop.environment import PROJECT_ID, REPOSITORY
from tests.plans import load
from tests.tables import MARTS, examples

STAGING = f"{PROJECT_ID}.de_project_staging"


@cache
def language() -> LanguageOptions:
    """All that the analyzer knows. Asking for it compiles the analyzer, which takes half a minute: nothing does at import."""
    options = LanguageOptions.maximum_features()
    options.supported_statement_kinds = []  # all of them
    return options


class Gate:
    """Analyzes statements against a catalog that grows with the models it has seen."""

    def __init__(self) -> None:
        self.schemas: dict[str, list[tuple[str, object]]] = {}

    def add(self, name: str, columns: list[tuple[str, object]]) -> None:
        self.schemas[name] = columns

    def check(self, sql: str):
        catalog = CatalogBuilder("bigquery")
        for name, columns in self.schemas.items():
            table = TableBuilder(name)
            for column, kind in columns:
                table.add_column(column, kind)
            catalog.add_table(table.build())
        catalog.with_builtin_functions(ZetaSQLBuiltinFunctionOptions(language_options=language()))
        options = AnalyzerOptions(language_options=language())
        # `a`.`b`.`c` and `a.b.c` are the same table in BigQuery
        return Analyzer(options, catalog.build()).analyze_statement(re.sub(r"`\.`", ".", sql).strip().rstrip(";"))

    def check_query(self, name: str, sql: str) -> None:
        """Check a model's query and add its table to the catalog."""
        resolved = self.check(sql)
        self.add(name, [(output.name, output.column.type) for output in resolved.output_column_list])


def kind_of(data_type: str) -> object:
    kinds = {"FLOAT64": TypeKind.TYPE_DOUBLE}
    return kinds.get(data_type.upper()) or getattr(TypeKind, f"TYPE_{data_type.upper()}")


def contract_columns(table: str) -> list[tuple[str, object]]:
    return [(c.name, kind_of(c.data_type)) for c in load_contract(table).columns]


def landing_gate() -> Gate:
    """A gate that knows the tables of the staging dataset."""
    gate = Gate()
    for table in tables():
        gate.add(f"{STAGING}.{table}", [*contract_columns(table), ("load_id", TypeKind.TYPE_STRING)])
    for table, fields in ((LEDGER, LEDGER_FIELDS), (SET_ASIDE, SET_ASIDE_FIELDS)):
        gate.check_query(f"{STAGING}.{table}", f"select {', '.join(map(_example, fields))}")
    return gate


@pytest.fixture
def gate() -> Gate:
    gate = landing_gate()
    for table in tables():
        gate.add(f"{STAGING}.{table}__batch", contract_columns(table))
    return gate


def _example(field: dict) -> str:
    """A value of a field of BigQuery's API, in GoogleSQL."""
    values = {"STRING": "''", "DATE": "date '2020-01-01'", "TIMESTAMP": "timestamp '2020-01-01'", "INTEGER": "1",
              "BOOLEAN": "true"}  # fmt: skip
    value = (
        f"struct({', '.join(map(_example, field['fields']))})" if field["type"] == "RECORD" else values[field["type"]]
    )
    return f"{f'[{value}]' if field['mode'] == 'REPEATED' else value} as {field['name']}"


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


@pytest.fixture(scope="module")
def project(warehouse, tmp_path_factory):
    """The dbt project compiled twice: for an empty warehouse, and for a window of a warehouse that has it all."""
    from dbt.cli.main import dbtRunner

    os.environ.update(warehouse.environment)
    for table in tables():
        warehouse.create_landing(table)
    folder, dbt = tmp_path_factory.mktemp("dbt"), str(REPOSITORY / "include" / "dbt")
    window = json.dumps({"window_start": "2021-12-01", "window_end": "2022-01-15", "as_on_bigquery": True})
    os.environ["DBT_LOG_PATH"] = str(folder)
    assert dbtRunner().invoke(["--quiet", "seed", "--project-dir", dbt, "--profiles-dir", dbt]).success
    for run in ("first", "window"):
        arguments = ["--quiet", "run", "--project-dir", dbt, "--profiles-dir", dbt, "--target-path", str(folder / run)]
        result = dbtRunner().invoke(arguments + (["--vars", window] if run == "window" else []))
        assert result.success, result.exception
    return folder


@pytest.mark.parametrize("run", ["first", "window"])
def test_every_model(gate, project, run):
    results = json.loads((project / run / "run_results.json").read_text())["results"]
    manifest = json.loads((project / run / "manifest.json").read_text())["nodes"]
    waiting = {r["unique_id"]: r["compiled_code"] for r in results}
    assert len(waiting) >= 8
    for seed in (node for node in manifest.values() if node["resource_type"] == "seed"):
        kinds = seed["config"]["column_types"].items()
        gate.add(seed["relation_name"].replace("`", ""), [(name, kind_of(kind)) for name, kind in kinds])
    while waiting:
        ready = [i for i in waiting if not reads(manifest, i) & set(waiting)]
        for unique_id in ready:
            name = manifest[unique_id]["relation_name"].replace("`", "")
            gate.check_query(name, waiting.pop(unique_id))
            sent = project / run / "run" / "eco2mix" / manifest[unique_id]["original_file_path"]
            if run == "window" and manifest[unique_id]["config"]["materialized"] == "incremental":
                gate.add(f"{name}__dbt_tmp", gate.schemas[name])
                check_sent(gate, sent)
    for name, sql in examples().items():
        gate.check(re.sub(rf"\bfrom {name}\b", f"from `{PROJECT_ID}.{MARTS}.{name}`", sql))


def reads(manifest: dict, unique_id: str) -> set[str]:
    """What the query of a model reads, whether by itself or in an ephemeral model that is part of the query."""
    parents = {i for i in manifest[unique_id]["depends_on"]["nodes"] if i in manifest}
    inlined = {i for i in parents if manifest[i]["config"]["materialized"] == "ephemeral"}
    return (parents - inlined).union(*(reads(manifest, i) for i in inlined))


def test_compiled_models_pass_sqlfluff(project):
    """Models made of dbt's own objects do not render in `make lint`; what dbt makes of them is linted here."""
    compiled = project / "window" / "compiled" / "eco2mix" / "models"
    rules = "aliasing,ambiguous,capitalisation,convention,references,structure"
    sqlfluff = Path(sys.executable).with_name("sqlfluff")
    done = subprocess.run(
        [sqlfluff, "lint", "--config", "pyproject.toml", "--templater", "raw", "--rules", rules, compiled],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def check_sent(gate: Gate, path: Path) -> None:
    """The statement dbt wraps around an incremental model: it replaces literal partitions, in one MERGE."""
    sql = path.read_text()
    # A semicolon within a line is one of a comment.
    statement = re.split(r";\s*$", sql[sql.index("merge into") :], maxsplit=1, flags=re.MULTILINE)[0]
    statement = re.sub(r"__dbt_tmp\d+", "__dbt_tmp", statement)
    assert "date '2021-12-01', date '2022-01-01'" in statement.replace("\n", " ")
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
