"""A dataset is described once."""

import json
import re
import shutil
from datetime import date

import pytest
import yaml
from odre.contract import contract_path, fold, load_contract, read_contract, tables
from odre.contract_columns import Column
from odre.contract_fields import Decision
from odre.errors import ContractError
from odre.lineage import dag_manifest, read_manifest
from odre.measures import measures
from odre.sql.merge import replace_window
from odre.window import Window
from pydantic import TypeAdapter

from laptop.contract_reference import DOC, SECTIONS, comment, example, reference
from laptop.environment import REPOSITORY
from tests.plans import load

TABLE, MIX = "stock_quotidien_stockages_gaz", "eco2mix_national_tr"
NEW_COLUMN = """          - name: taux_remplissage
            data_type: FLOAT64
            description: "Share of the working capacity that is filled."
            config: {meta: {label: "Taux de remplissage (%)", unit: "%"}}
            data_tests: [not_null]
"""


def test_every_dataset_folder_has_a_valid_contract_and_a_dag():
    assert set(tables()) == {path.stem for path in (REPOSITORY / "dags").glob("*.py")}
    for table in tables():
        contract = load_contract(table)
        assert all(column.description for column in contract.columns)
        assert contract.documentation.startswith(f"### {contract.title[0].upper()}{contract.title[1:]} (")
        assert contract.schedule and contract.start_date < date.today()


def test_a_column_added_in_the_contract_reaches_everything(tmp_path, monkeypatch):
    project = tmp_path / "dbt"
    shutil.copytree(REPOSITORY / "include" / "dbt", project)
    path = project / "models" / "staging" / TABLE / "_sources.yml"
    path.write_text(path.read_text() + NEW_COLUMN)
    before, after = load_contract(TABLE), read_contract(path, TABLE)
    assert after.arrow_schema.field("taux_remplissage").type == "double"
    assert (
        "Unit: %." in after.bigquery_schema[-1]["description"]
        and len(after.bigquery_schema) == len(before.bigquery_schema) + 1
    )
    window = Window(date(2024, 1, 1), date(2024, 1, 2))
    statement = replace_window(after, "p.s.t", "p.s.b", "p.s.l", load(window, 1))
    assert "taux_remplissage = incoming.taux_remplissage" in statement
    assert "taux_remplissage" in after.documentation
    assert after.by_header[fold("Taux de remplissage (%)")] == "taux_remplissage"

    from dbt.cli.main import dbtRunner

    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path))
    where = ["--project-dir", str(project), "--profiles-dir", str(project), "--target-path", str(tmp_path / "target")]
    assert dbtRunner().invoke(["--quiet", "parse", "--no-partial-parse", *where]).success
    manifest = json.loads((tmp_path / "target" / "manifest.json").read_text())
    source = manifest["sources"][f"source.eco2mix.odre.{TABLE}"]
    assert source["columns"]["taux_remplissage"]["description"].startswith("Share of the working")
    assert any("taux_remplissage" in name for name in manifest["child_map"][source["unique_id"]])


def test_the_decisions_of_the_runbook_decide(tmp_path):
    """As they stand there; of two about the same, the last."""
    runbook = (REPOSITORY / "docs" / "runbook.md").read_text()
    decided = yaml.safe_load(re.search(r"```yaml\n(decisions:\n.*?)```", runbook, re.DOTALL)[1])["decisions"]
    document = yaml.safe_load(contract_path(MIX).read_text())
    document["sources"][0]["tables"][0]["config"]["meta"]["odre"]["decisions"] = [
        {"day": date(2024, 1, 7), "verdict": "leave out"}, *decided, {"day": date(2024, 1, 8), "verdict": "accept"},
        {"day": date(2024, 1, 8), "verdict": "leave out"},
    ]  # fmt: skip
    path = tmp_path / "_sources.yml"
    path.write_text(yaml.safe_dump(document))
    contract = read_contract(path, MIX)
    assert contract.verdict(date(2024, 1, 5), "nucleaire") == "accept"
    assert contract.verdict(date(2024, 1, 6), "nucleaire") == "leave out"
    assert contract.verdict(date(2024, 1, 5), "eolien") is None and contract.verdict(date(2024, 1, 5), None) is None
    assert contract.accepted_losses == [date(2024, 1, 7)] and contract.refused_losses == [date(2024, 1, 8)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda odre: odre.update(key=["date", "nowhere"]), "nowhere"),
        (lambda odre: odre.update(lookback_day=3), "lookback_day"),
        (lambda odre: odre.pop("schedule"), "schedule"),
        (lambda odre: odre.update(schedule="every day"), "schedule: .*'every day' is not a cron expression"),
        (lambda odre: odre.update(timezone="Europe/Pariss"), "timezone: .*'Europe/Pariss' is not a time zone"),
        (lambda odre: odre.update(date_column="pits"), "date_column is pits, which is STRING and has to be DATE"),
        (
            lambda odre: odre.update(clock={"timestamp": "date", "time": "pits"}),
            "clock.timestamp is date, which is DATE",
        ),
        (lambda odre: odre.update(sweep={"schedule": "0 0 1 * *", "lookback_days": 0}), "sweep.lookback_days"),
    ],
)
def test_a_wrong_contract_is_refused_by_name(tmp_path, change, says):
    document = yaml.safe_load(contract_path(TABLE).read_text())
    change(document["sources"][0]["tables"][0]["config"]["meta"]["odre"])
    path = tmp_path / "_sources.yml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(ContractError, match=says):
        read_contract(path, TABLE)


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        ({"range": (0, 10), "usual": (-1, 5)}, r"usual .* of x is not within range"),
        ({"range": (10, 0)}, "range of x: 10 is greater than 0"),
        ({"usual": (0, 10), "data_type": "STRING"}, "usual of x: only numbers have bounds"),
    ],
)
def test_bounds_of_a_column_make_sense(bounds, says):
    column = {"name": "x", "data_type": "FLOAT64", "description": "x", "label": "x"}
    with pytest.raises(ValueError, match=says):
        Column(**column | bounds)
    assert Column(**column, range=(0, 10), usual=(0, 5)).usual == (0, 5)


@pytest.mark.parametrize("verdicts", [("accept", "leave out"), ("leave out", "accept")])
def test_of_two_decisions_about_a_day_the_last_one_counts(verdicts):
    day = date(2024, 1, 7)
    decisions = tuple(Decision(day=day, verdict=verdict) for verdict in verdicts)
    contract = load_contract(TABLE).model_copy(update={"decisions": decisions})
    losses = {"accept": contract.accepted_losses, "leave out": contract.refused_losses}
    assert [losses[verdict] for verdict in verdicts] == [[], [day]]


def test_the_reference_of_the_fields_is_current_and_complete():
    assert DOC.read_text(encoding="utf-8") == reference(), "run `python -m laptop.contract_reference`"
    for model, _ in SECTIONS:
        for name, info in model.model_fields.items():
            assert f"| `{name}` | {info.description} |" in reference()
            assert max(map(len, comment(model, name, indent=14).splitlines())) <= 110


@pytest.mark.parametrize(("model", "name"), [(model, name) for model, _ in SECTIONS for name in model.model_fields])
def test_the_example_of_a_field_is_what_a_contract_may_say(model, name):
    """Read as YAML, as a writer would copy it, it is valid for its field."""
    copied = yaml.safe_load(f"value: {example(model.model_fields[name])}")["value"]
    checked = TypeAdapter(model).validator
    others = {other: info.examples[0] for other, info in model.model_fields.items()}
    assert checked.validate_python(others | {name: copied}) == checked.validate_python(others)


def test_headers_of_the_real_exports_are_known(real_exports):
    header = (real_exports / "eco2mix-national-tr_2021-12_labels.csv").open(encoding="utf-8-sig").readline().strip()
    contract = load_contract("eco2mix_national_tr")
    assert {contract.by_header[fold(name)] for name in header.split(";")} < {c.name for c in contract.columns}
    assert contract.by_header[fold("Date et Heure")] == "date_heure"


def test_what_is_generated_of_the_project_is_up_to_date():
    from laptop.manifest import generated

    for path, content in generated():
        assert path.read_text(encoding="utf-8") == content, "run `make manifest`"


def test_every_manifest_of_a_dag_is_of_a_dataset():
    """What lies in the folder is deployed."""
    folder = REPOSITORY / "include" / "dbt" / "manifests"
    assert sorted(path.stem for path in folder.iterdir()) == tables()


def test_a_manifest_that_was_not_made_yet_is_told_with_the_command_that_makes_it():
    with pytest.raises(FileNotFoundError, match="run `make manifest`"):
        read_manifest(dag_manifest("unheard_of"))


@pytest.mark.parametrize("table", tables())
def test_every_column_of_a_contract_is_in_the_staging_model_and_described_there(table):
    """Or a comment in the model names it and says why it is left out. The mix loops over its measures."""
    folder = contract_path(table).parent
    sql, described = (folder / f"stg_{table}.sql").read_text(), (folder / f"_stg_{table}.yml").read_text()
    words, loops = set(re.findall(r"\w+", sql)), "in measures()" in sql
    left_out = [c.name for c in load_contract(table).columns if c.name not in words and not (loops and c.measure)]
    assert left_out == [], f"give these columns a line in stg_{table}.sql, or name them in a comment that says why not"
    listed = re.search(r"    select\n(.*?)\n    from source", sql, re.DOTALL)[1]
    names = re.findall(r"^\s+(?:[\w.]+ as )?(\w+),?$", listed, re.MULTILINE)
    (model,) = (m for m in yaml.safe_load(described)["models"] if m["name"] == f"stg_{table}")
    described_names = {column["name"] for column in model["columns"]}
    missing = set(names) - described_names
    assert names and not missing, f"describe these columns in _stg_{table}.yml"
    of_measures = {measure.name for measure in measures()} if loops else set()
    gone = described_names - set(names) - of_measures
    assert not gone, f"take these columns out of _stg_{table}.yml: stg_{table}.sql does not have them"
