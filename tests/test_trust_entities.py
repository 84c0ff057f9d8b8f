"""Entities are declared: every spelling of a site is that site, and what nobody has declared is set aside by name."""

from __future__ import annotations

import datetime as dt
import unicodedata
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odre.contract import Contract, load_contract
from odre.errors import DataRejected
from odre.exports.writing import CanonicalWriter
from odre.window import Window

from tests.examples import examples

GAS = "stock_quotidien_stockages_gaz"
TEMPERATURE = "temperature_quotidienne_regionale"
MIX = "eco2mix_national_tr"
DAY = dt.date(2022, 1, 1)
SITES = {"Centre": "Storengy", "Saline": "Storengy", "Sediane": "Storengy", "Sediane B": "Storengy",
         "Serene": "Storengy", "Teréga": "Teréga"}  # fmt: skip


def written(tmp_path: Path, contract: Contract, rows: list[dict]) -> tuple[list[dict], CanonicalWriter]:
    """The rows of the canonical file of an answer, and the writer that made it."""
    answer, file = tmp_path / "answer.parquet", tmp_path / "canonical.parquet"
    pq.write_table(pa.Table.from_pylist(rows), answer)
    writer = CanonicalWriter(contract, Window(DAY, DAY + dt.timedelta(9)), file)
    with writer:
        writer.add(answer)
    return pq.read_table(file).to_pylist(), writer


def gas(site: str, operator: str, stock: float = 10.0) -> dict:
    return {"date": DAY, "stock_fin_de_journee": stock, "source": operator, "pits": site}


def spellings(name: str) -> st.SearchStrategy[str]:
    """What an editor, a keyboard or another export makes of a name."""
    forms = st.sampled_from([unicodedata.normalize(form, name) for form in ("NFC", "NFD")])
    cased = st.builds(lambda text, change: change(text), forms, st.sampled_from([str, str.upper, str.lower]))
    return st.builds(
        lambda text, before, after: before + text + after, cased, *[st.sampled_from(["", " ", "\u00a0"])] * 2
    )


@settings(max_examples=examples(50), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_spelling_of_a_site_and_of_its_operator_is_the_same_row(tmp_path, data):
    rows = [
        gas(data.draw(spellings(site)), data.draw(spellings(operator) | st.sampled_from(["TIGF", "another name"])), n)
        for n, (site, operator) in enumerate(SITES.items())
    ]
    found, writer = written(tmp_path, load_contract(GAS), rows)
    assert {(row["pits"], row["source"], row["stock_fin_de_journee"]) for row in found} == {
        (site, operator, n) for n, (site, operator) in enumerate(SITES.items())
    }
    assert writer.aside.left_out == []


@settings(max_examples=examples(50), suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_spelling_of_any_key_changes_no_total(tmp_path, data):
    """France and its steps, the regions and their codes: the rows, and so every total of them, stay the same."""
    mix, temperature = load_contract(MIX), load_contract(TEMPERATURE)
    instants = [dt.datetime(2022, 1, 1, hour, tzinfo=dt.timezone(dt.timedelta(hours=1))) for hour in range(4)]
    steps = [
        {"perimetre": data.draw(spellings("France")), "nature": data.draw(spellings("Données temps réel")),
         "date": str(DAY), "heure": f"{at:%H:%M}", "date_heure": at.isoformat()}
        | {column.name: max(float(n), column.range[0]) for column in mix.columns if column.unit}
        for n, at in enumerate(instants)
    ]  # fmt: skip
    found, writer = written(tmp_path, mix, steps)
    assert [(row["perimetre"], row["nature"], row["consommation"]) for row in found] == [
        ("France", "Données temps réel", float(n)) for n in range(4)
    ]
    assert writer.aside.left_out == []
    codes = [entity.name for entity in temperature.entities.members]
    write = data.draw(st.sampled_from([str, "{} ".format, " {}.0".format, "0{}".format]))
    regions = [
        {"date": str(DAY), "code_insee_region": write(code), "region": code, "tmin": n, "tmax": n, "tmoy": n, "id": "x"}
        for n, code in enumerate(codes)
    ]
    found, writer = written(tmp_path, temperature, regions)
    assert {(row["code_insee_region"], row["tmoy"]) for row in found} == {(int(c), n) for n, c in enumerate(codes)}
    assert writer.aside.left_out == []


def test_an_alias_is_the_site_and_a_site_can_change_its_operator(tmp_path):
    found, _ = written(tmp_path, load_contract(GAS), [gas("TIGF", "TIGF"), gas("Saline", "TEREGA")])
    assert [(row["pits"], row["source"]) for row in found] == [("Saline", "Teréga"), ("Teréga", "Teréga")]


def test_an_unknown_site_is_set_aside_by_name_and_the_others_stay(tmp_path):
    found, writer = written(
        tmp_path,
        load_contract(GAS),
        [gas("Saline", "Storengy"), gas("Salins", "Storengy"), gas("Izaute", "Geo"), gas("Serene (sud)", "Geo")],
    )
    assert [row["pits"] for row in found] == ["Saline"]
    near, new, part = writer.aside.records
    assert part["value"] == "Serene (sud)"
    assert (near["scope"], near["column_name"], near["value"], near["reason"]) == (
        "row",
        "pits",
        "Salins",
        "unknown pits Salins",
    )
    assert new["value"] == "Izaute"
    assert f"add it to entities in the contract of {GAS}, or as an alias of Saline" in str(writer.aside.first)


def test_a_fourteenth_region_is_set_aside(tmp_path):
    rows = [
        {"id": "x", "date": DAY, "code_insee_region": code, "region": "Bretagne", "tmin": 1.0, "tmax": 3.0, "tmoy": 2.0}
        for code in (53, 1)
    ]
    found, writer = written(tmp_path, load_contract(TEMPERATURE), rows)
    assert [row["code_insee_region"] for row in found] == [53]
    assert [record["reason"] for record in writer.aside.records] == ["unknown code_insee_region 1"]


@pytest.mark.parametrize(
    ("table", "pattern"), [(GAS, "stock-quotidien*.csv"), (TEMPERATURE, "temperature-quotidienne*.parquet")]
)
def test_every_entity_of_the_real_exports_is_declared_in_its_spelling(real_exports, table, pattern):
    contract = load_contract(table)
    names = {entity.name for entity in contract.entities.members}
    for file in real_exports.glob(pattern):
        source = f"read_csv('{file}', delim=';')" if file.suffix == ".csv" else f"'{file}'"
        found = duckdb.sql(f"select distinct {contract.entities.column}::varchar from {source}").fetchall()
        assert {name for (name,) in found} == names


def test_two_entities_of_one_name_are_refused():
    contract = load_contract(GAS)
    entities = contract.entities.model_dump() | {
        "members": [{"name": "Saline"}, {"name": "Autre", "aliases": ["SALINE"]}]
    }
    with pytest.raises(ValueError, match="two entities are called saline"):
        Contract.model_validate(contract.model_dump() | {"entities": entities})


def test_an_answer_of_which_nothing_is_left_is_refused_by_what_costs_its_days(tmp_path):
    """An unknown region costs its rows only; here the days are lost to something else, and the error names that."""
    region = {"id": "x", "date": DAY, "region": "Bretagne", "tmin": 1.0, "tmax": 3.0, "tmoy": 2.0}
    rows = [
        region | {"code_insee_region": 1},
        *(region | {"code_insee_region": 53, "tmoy": mean} for mean in (2.0, 2.5)),
    ]
    with pytest.raises(DataRejected, match="two rows share this key and differ in tmoy"):
        written(tmp_path, load_contract(TEMPERATURE), rows)
    with pytest.raises(DataRejected, match="unknown code_insee_region 1"):
        written(tmp_path, load_contract(TEMPERATURE), rows[:1])
