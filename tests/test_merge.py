"""The MERGE, run by the emulator: a window becomes what the source says of it, or nothing changes."""

from datetime import date

import pytest
from google.api_core.exceptions import GoogleAPIError
from odre.contract import load_contract
from odre.sql.merge import replace_window

from laptop.environment import PROJECT_ID

GAS, MIX = load_contract("stock_quotidien_stockages_gaz"), load_contract("eco2mix_national_tr")
TR, CONS = "Données temps réel", "Données consolidées"


class Landing:
    """A landing table of a test's own."""

    def __init__(self, warehouse, contract, name: str) -> None:
        self.warehouse, self.contract = warehouse, contract
        self.target, self.batch = (f"{PROJECT_ID}.de_project_staging.{kind}_{name}" for kind in ("t", "b"))
        self.columns = [column.name for column in contract.columns]
        self._create(self.target)

    def _create(self, table: str) -> None:
        columns = ", ".join(f"{c.name} {c.data_type}" for c in self.contract.columns)
        self.warehouse.query(f"create or replace table `{table}` ({columns})")

    def load(self, rows: list[dict], start: str = "2022-01-01", end: str = "2022-01-31", claimed: int | None = None):
        """Merge `rows` as the extract of the window."""
        self._create(self.batch)
        for row in rows:
            names = ", ".join(row)
            values = ", ".join(self._literal(name, value) for name, value in row.items())
            self.warehouse.query(f"insert into `{self.batch}` ({names}) values ({values})")
        count = str(len(rows) if claimed is None else claimed)
        self.warehouse.query(replace_window(self.contract, self.target, self.batch, start, end, count))
        return self.rows()

    def _literal(self, name: str, value) -> str:
        kind = self.contract.by_name[name].data_type
        if value is None:
            return "null"
        return (
            f"{kind} '{value}'" if kind in ("DATE", "TIMESTAMP") else f"'{value}'" if kind == "STRING" else str(value)
        )

    def rows(self) -> set[tuple]:
        chosen = [*self.contract.key, self.contract.observed_column]
        chosen += [self.contract.maturity.column] if self.contract.maturity else []
        return set(self.warehouse.query(f"select {', '.join(chosen)} from `{self.target}`")[1])


def gas(day: int, pits: str, stock, source: str = "Storengy") -> dict:
    return {"date": f"2022-01-{day:02d}", "pits": pits, "source": source, "stock_fin_de_journee": stock}


def step(day: int, clock: str, consumption, nature: str = TR) -> dict:
    return {"perimetre": "France", "nature": nature, "date": f"2022-01-{day:02d}", "heure": clock,
            "date_heure": f"2022-01-{day:02d} {clock}:00+01", "consommation": consumption}  # fmt: skip


@pytest.fixture
def landing(warehouse, request):
    return Landing(warehouse, GAS, request.node.name.split("[")[0])


@pytest.fixture
def mix(warehouse, request):
    return Landing(warehouse, MIX, request.node.name.split("[")[0])


def test_twice_the_same_changes_nothing_and_revisions_replace(landing):
    rows = [gas(1, "Saline", 10), gas(2, "Saline", 9)]
    first = landing.load(rows)
    assert landing.load(rows) == first == {(date(2022, 1, 1), "Saline", 10.0), (date(2022, 1, 2), "Saline", 9.0)}
    assert landing.load([gas(1, "Saline", 11), gas(2, "Saline", 9)]) == {
        (date(2022, 1, 1), "Saline", 11.0), (date(2022, 1, 2), "Saline", 9.0)}  # fmt: skip


def test_rows_go_only_where_the_source_still_covers_them(landing):
    landing.load(
        [
            gas(1, "Saline", 10),
            gas(1, "Centre", 5),
            gas(1, "Serene", 6),
            gas(1, "Teréga", 7, "Teréga"),
            gas(2, "Saline", 9),
        ]
    )
    # Storengy no longer has Centre on the 1st; Teréga publishes nothing at all; the 2nd is not covered
    after = landing.load([gas(1, "Saline", 10), gas(1, "Serene", 6)])
    assert {(day.day, pits) for day, pits, _ in after} == {(1, "Saline"), (1, "Serene"), (1, "Teréga"), (2, "Saline")}


def test_rows_outside_the_window_stay(landing):
    landing.load([gas(1, "Saline", 10), gas(2, "Saline", 9)])
    after = landing.load([gas(2, "Saline", 8)], "2022-01-02", "2022-01-02")
    assert {(day.day, stock) for day, _, stock in after} == {(1, 10.0), (2, 8.0)}


@pytest.mark.parametrize(
    ("rows", "claimed", "says"),
    [
        ([], None, "the source has no row for"),
        ([gas(1, "Saline", 1)], 2, "1 rows were loaded of 2 extracted"),
        ([gas(1, "Saline", None), gas(2, "Saline", None)], None, "2 days of .* would lose all of them"),
        ([gas(1, "Saline", 1), gas(2, "Saline", 1)], None, "4 of the 6 rows that stand in .* would be deleted"),
    ],
)
def test_refusals_change_nothing(landing, rows, claimed, says):
    before = landing.load([gas(day, pits, 5) for day in (1, 2) for pits in ("Saline", "Centre", "Serene")])
    with pytest.raises(GoogleAPIError, match=says) as refusal:
        landing.load(rows, claimed=claimed)
    assert "stock-quotidien-stockages-gaz" in str(refusal.value) and landing.rows() == before


def test_an_empty_window_of_an_empty_table_is_fine(landing):
    assert landing.load([]) == set()


def test_real_time_never_replaces_consolidated_whatever_the_order(mix):
    real_time = [step(1, "00:00", 1), step(1, "00:15", 2), step(2, "00:00", 3)]
    consolidated = [step(1, "00:00", 10, CONS), step(1, "00:15", None, CONS)]
    expected = {("France", date(2022, 1, 1), "00:00", 10.0, CONS), ("France", date(2022, 1, 1), "00:15", None, CONS),
                ("France", date(2022, 1, 2), "00:00", 3.0, TR)}  # fmt: skip
    mix.load(real_time)
    assert mix.load(consolidated) == expected
    assert mix.load(real_time) == expected


def test_a_day_of_two_maturities_stays_whole(mix):
    """Some steps of a day become definitive before the others: the day is replaced as a whole, again and again."""
    rows = [step(1, "00:00", 10, "Données définitives"), step(1, "00:15", 11, CONS), step(1, "00:30", 12, CONS)]
    whole = mix.load(rows)
    assert len(whole) == 3 and mix.load(rows) == whole
    assert {row[3] for row in mix.load([*rows[:2], step(1, "00:30", 13, CONS)])} == {10.0, 11.0, 13.0}
    mix.load([step(1, clock, 20, CONS) for clock in ("00:00", "00:15", "00:30")])
    assert {row[3] for row in mix.rows()} == {10.0, 11.0, 13.0}
