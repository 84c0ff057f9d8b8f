"""The completeness that a dataset has by its contract alone, `completeness_of('<table>')`."""

from __future__ import annotations

import datetime as dt

import pytest
from odre.contract import load_contract, tables

from tests.project import dbt

STAGING = "de_project_staging"
HEADER = ["local_date", "received", "expected", "missing", "implausible", "late"]
# The clocks go forward on 27 March 2022: the two o'clock of that day does not exist.
REGIONS = [entity.label for entity in load_contract("temperature_quotidienne_regionale").entities.members]


def without(*regions: str) -> str:
    return ", ".join(sorted(set(REGIONS) - set(regions), key=REGIONS.index))


CASES = {
    "declared entities, of which others do not count": (
        "temperature_quotidienne_regionale",
        "date, code_insee_region, tmoy",
        ["'2022-01-01', 11, 1", "'2022-01-01', 53, 2", "'2022-01-02', 11, 3", "'2022-01-02', 53, null",
         "'2022-01-02', 1, 30", "'2022-01-03', 1, 30", "'2022-01-04', 75, null"],
        [("2022-01-01", 2, 13, without("Île-de-France", "Bretagne")), ("2022-01-02", 1, 13, without("Île-de-France")),
         ("2022-01-04", 0, 13, without())],
    ),
    "steps of a day": (
        "eco2mix_national_tr",
        "date, perimetre, heure, consommation",
        ["'2022-03-26', 'France', '00:00', 1", "'2022-03-26', 'France', '02:00', 1",
         "'2022-03-27', 'France', '00:00', 1", "'2022-03-27', 'France', '02:00', 1",
         "'2022-03-28', 'France', '00:00', null", "'2022-03-28', 'France', '02:00', 1", "'2022-03-28', 'Corse', '02:00', 1",
         "'2022-03-29', 'France', '00:00', null"],
        [("2022-03-26", 2, 2, None), ("2022-03-27", 1, 1, None), ("2022-03-28", 1, 2, "France (1)"), ("2022-03-29", 0, 2, "France (2)")],
    ),
    "nothing observed yet": (
        "stock_quotidien_stockages_gaz",
        "date, pits, stock_fin_de_journee",
        ["'2022-01-01', 'Saline', null", "'2022-01-02', 'Saline', 5"],
        [("2022-01-01", 0, None, None), ("2022-01-02", 1, 6, "Centre, Sediane, Sediane B, Serene, Teréga")],
    ),
}  # fmt: skip


def query(table: str) -> str:
    """The SQL that dbt makes of the macro for a table."""
    macro = f"{{{{ completeness_of('{table}') }}}}"
    [found] = dbt("compile", "--inline", macro).result.results
    return found.node.compiled_code


@pytest.mark.parametrize("case", CASES)
def test_what_is_expected_comes_from_what_was_there_before(warehouse, case):
    table, columns, rows, expected = CASES[case]
    warehouse.create_landing(table)
    values = ", ".join(f"(date {row})" for row in rows)
    warehouse.query(f"insert into {STAGING}.{table} ({columns}) values {values}")
    names, found = warehouse.query(query(table))
    assert names == HEADER
    assert sorted(found) == [(dt.date.fromisoformat(day), *rest, None, None) for day, *rest in expected]


@pytest.mark.parametrize("table", tables())
def test_the_macro_serves_every_contract(warehouse, table):
    """Key, day, clock and observed column of any contract make a query that an empty table answers with nothing."""
    assert load_contract(table).observed_column in query(table)
    warehouse.create_landing(table)
    assert warehouse.query(query(table))[1] == []
