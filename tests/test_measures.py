"""Every measure of the electricity mix is named once, in dbt_project.yml, and wrong entries are told by name."""

import re

import pytest
import yaml
from odre.contract import load_contract
from odre.errors import ContractError
from odre.measures import measures, read_measures

from laptop.environment import REPOSITORY

TABLE = "eco2mix_national_tr"
PROJECT = REPOSITORY / "include" / "dbt" / "dbt_project.yml"


def test_every_measure_of_the_contract_is_in_the_list_and_the_other_way_round():
    """What carries a unit is a measure; the contract of the mix and the list know the same ones."""
    declared = {column.name for column in load_contract(TABLE).columns if column.unit}
    assert declared == {measure.column for measure in measures()}


def test_the_unit_of_a_name_is_the_unit_of_the_contract():
    units = {column.name: column.unit for column in load_contract(TABLE).columns}
    endings = {"MW": "_mw", "g/kWh": "_g_per_kwh"}
    for measure in measures():
        assert any(unit == units[measure.column] and measure.name.endswith(end) for unit, end in endings.items())


def test_kinds_choose_and_keep_the_order_of_the_list():
    entries = yaml.safe_load(PROJECT.read_text(encoding="utf-8"))["vars"]["measures"]
    assert [m.column for m in measures()] == [entry["column"] for entry in entries]
    chosen = [e["name"] for e in entries if e["kind"] in ("border", "forecast")]
    assert [m.name for m in measures(["forecast", "border"])] == chosen


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("{column: a, name: a_mw, kind: fuel}", "measures: entry 0 (a).kind: Input should be"),
        ("{column: a, name: a, kind: detail}", "entry 0 (a).name: String should match"),
        ("{column: a, name: a_mw, kind: detail, colour: red}", "entry 0 (a).colour: Extra inputs"),
        ("{column: a, name: a_mw, kind: source, label: a, label_fr: a}", "entry 0 (a): Value error, color is missing"),
        ("{column: a, name: a_mw, kind: forecast, label: a}", "entry 0 (a): Value error, label_fr is missing"),
        ("{column: a, name: a_mw, kind: forecast}", "entry 0 (a): Value error, label is missing"),
        ("{column: a, name: a_mw, kind: detail, low_carbon: true}", "entry 0 (a): Value error, low_carbon is said"),
        ("{name: a_mw, kind: detail}", "entry 0 (without a column).column: Field required"),
        ("a", "entry 0 (a): Input should be a valid dictionary"),
        ("{column: a, name: a_mw, kind: detail}, {column: a, name: b_mw, kind: detail}", "column a stands in two"),
        ("{column: a, name: a_mw, kind: detail}, {column: b, name: a_mw, kind: detail}", "name a_mw stands in two"),
    ],
)
def test_a_wrong_entry_is_named_with_its_field(tmp_path, entry, says):
    path = tmp_path / "dbt_project.yml"
    path.write_text(f"vars: {{measures: [{entry}]}}", encoding="utf-8")
    with pytest.raises(ContractError, match=re.escape(says)) as error:
        read_measures(path)
    assert error.value.fix == f"mend {path}"


def test_what_is_required_of_a_measure_is_what_the_contract_says():
    columns = load_contract("eco2mix_national_tr").by_name
    differing = {m.name for m in measures() if m.required != columns[m.column].required}
    assert differing == set() and any(m.required for m in measures())
