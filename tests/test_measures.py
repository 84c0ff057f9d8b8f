"""Every measure of the electricity mix is named once, in the contract, and a wrong entry is refused by name."""

import pytest
import yaml
from odre.contract import contract_path, load_contract, read_contract
from odre.contract_measures import MIX
from odre.errors import ContractError
from odre.measures import measures

from laptop.manifest import MEASURES, measures_macro


def test_what_carries_a_unit_is_a_measure():
    with_unit = {column.name for column in load_contract(MIX).columns if column.unit}
    of_measures = {measure.column for measure in measures()}
    assert with_unit - of_measures == set(), (
        f"no model has these columns: give each a `measure` in {contract_path(MIX)}"
    )
    assert of_measures - with_unit == set(), f"give these columns a `unit` in {contract_path(MIX)}"


def test_the_unit_of_a_name_is_the_unit_of_the_column():
    units = {column.name: column.unit for column in load_contract(MIX).columns}
    endings = {"MW": "_mw", "g/kWh": "_g_per_kwh"}
    for measure in measures():
        assert any(unit == units[measure.column] and measure.name.endswith(end) for unit, end in endings.items())


def test_kinds_choose_and_keep_the_order_of_the_columns():
    entries = _document()["sources"][0]["tables"][0]["columns"]
    listed = [(e["name"], e["config"]["meta"]["measure"]) for e in entries if "measure" in e["config"]["meta"]]
    assert [measure.column for measure in measures()] == [column for column, _ in listed]
    chosen = [entry["name"] for _, entry in listed if entry["kind"] in ("border", "forecast")]
    assert [measure.name for measure in measures(["forecast", "border"])] == chosen


def test_a_source_is_required_or_has_a_first_day():
    """Otherwise production, in which no part may be unknown, is null on every day on which the source is not published."""
    unknown = [m.column for m in measures(["source"]) if not m.required and not m.since]
    assert unknown == [], f"give the measure of these sources a `since`, their first day, in {contract_path(MIX)}"


def test_required_measures_are_judged_and_have_bounds():
    for measure in measures():
        assert bool(measure.usual) == bool(measure.spike)
        assert measure.spike or not measure.required, measure.name


def test_dbt_reads_the_same_measures():
    assert MEASURES.read_text(encoding="utf-8") == measures_macro()
    assert all(f"'name': '{measure.name}'" in measures_macro() for measure in measures())


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("{name: oil_mw, kind: fuel}", "columns.fioul.measure.kind: Input should be"),
        ("{name: oil, kind: detail}", "columns.fioul.measure.name: String should match"),
        ("{name: oil_mw, kind: detail, colour: red}", "columns.fioul.measure.colour: Extra inputs"),
        (
            "{name: oil_mw, kind: source, label: oil, label_fr: fioul}",
            "columns.fioul.measure: Value error, color is missing",
        ),
        ("{name: oil_mw, kind: forecast, label: oil}", "columns.fioul.measure: Value error, label_fr is missing"),
        ("{name: oil_mw, kind: forecast}", "columns.fioul.measure: Value error, label is missing"),
        ("{name: oil_mw, kind: detail, low_carbon: true}", "columns.fioul.measure: Value error, low_carbon is said"),
        ("oil", "columns.fioul.measure: Input should be a valid dictionary"),
        ("{name: coal_mw, kind: detail}", "two measures have the same name: coal_mw"),
        ("{name: oil_mw, kind: detail, legacy: CharbonMW}", "two measures have the same legacy: CharbonMW"),
        (
            "{name: oil_mw, kind: source, label: coal, label_fr: charbon, color: '#000000'}",
            "two measures have the same label of kind source: coal",
        ),
    ],
)
def test_a_wrong_entry_is_told_with_its_column_and_field(tmp_path, entry, says):
    document = _document()
    columns = document["sources"][0]["tables"][0]["columns"]
    (oil,) = (column for column in columns if column["name"] == "fioul")
    oil["config"]["meta"]["measure"] = yaml.safe_load(entry)
    path = tmp_path / "_sources.yml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ContractError) as error:
        read_contract(path, MIX)
    assert says in str(error.value)
    assert error.value.fix == f"correct {path}"


def test_a_measure_of_another_dataset_is_refused_because_nothing_would_read_it(tmp_path):
    path = tmp_path / "_sources.yml"
    path.write_text(contract_path(MIX).read_text(encoding="utf-8").replace(MIX, "another_mix"), encoding="utf-8")
    with pytest.raises(ContractError, match="only eco2mix_national_tr has measures"):
        read_contract(path, "another_mix")


def _document():
    return yaml.safe_load(contract_path(MIX).read_text(encoding="utf-8"))
