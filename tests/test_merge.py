"""The MERGE, run by the emulator: the rows of a window become those of the source, or nothing changes."""

from datetime import date, datetime, timedelta, timezone

import pytest
from google.api_core.exceptions import GoogleAPIError
from odre.contract import load_contract
from odre.contract_fields import Decision
from odre.sql.merge import replace_window
from odre.window import Window

from laptop.environment import PROJECT_ID
from tests.plans import load

GAS, MIX = load_contract("stock_quotidien_stockages_gaz"), load_contract("eco2mix_national_tr")
TR, CONS = "Données temps réel", "Données consolidées"


class Landing:
    """A landing table of a test's own."""

    def __init__(self, warehouse, contract, name: str) -> None:
        self.warehouse, self.contract = warehouse, contract
        self.target, self.batch = (f"{PROJECT_ID}.de_project_staging.{kind}_{name}" for kind in ("t", "b"))
        self.columns = [column.name for column in contract.columns]
        self.ledger, self.loads = warehouse.create_ledger(), 0
        self.warehouse.query(f"delete from `{self.ledger}` where true")
        self._create(self.target, ", load_id string")

    def _create(self, table: str, more: str = "") -> None:
        columns = ", ".join(f"{c.name} {c.data_type}" for c in self.contract.columns)
        self.warehouse.query(f"create or replace table `{table}` ({columns}{more})")

    def load(
        self,
        rows: list[dict],
        start: str = "2022-01-01",
        end: str = "2022-01-31",
        claimed: int | None = None,
        minute: int | None = None,
        **more,
    ):
        """Merge `rows` as the extract of the window.

        :param minute: when the source was asked; by default, later than for every load before.
        """
        self.loads += 1
        self._create(self.batch)
        for row in rows:
            names = ", ".join(row)
            values = ", ".join(self._literal(name, value) for name, value in row.items())
            self.warehouse.query(f"insert into `{self.batch}` ({names}) values ({values})")
        given = load(
            Window(date.fromisoformat(start), date.fromisoformat(end)),
            len(rows) if claimed is None else claimed,
            datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(minutes=self.loads if minute is None else minute),
            load_id=f"load {self.loads}",
            **more,
        )
        statement = replace_window(self.contract, self.target, self.batch, self.ledger, given)
        _, [(self.kept, self.held_back)] = self.warehouse.query(statement)
        return self.rows()

    def recorded(self) -> list[tuple]:
        """The ledger, but for when its rows were written."""
        return sorted(self.warehouse.query(f"select * except (merged_at) from `{self.ledger}`")[1])

    def undecided(self) -> list[date]:
        """Days of which the last load left something out, without a decision."""
        [(days,)] = self.warehouse.query(f"select days_undecided from `{self.ledger}` order by asked_at desc limit 1")[
            1
        ]
        return days

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


@pytest.mark.parametrize("first", [True, False], ids=["sample first", "real first"])
def test_the_sample_and_real_data_are_never_mixed(landing, first):
    """Whatever table holds the other kind, and whatever the last load was."""
    rows = landing.load([gas(1, "Saline", 10)], is_synthetic=first)
    before = landing.recorded()
    for is_synthetic in (not first, first, not first):
        if is_synthetic == first:
            rows = landing.load([gas(2, "Saline", 9)], is_synthetic=first)
            before = landing.recorded()
            continue
        with pytest.raises(GoogleAPIError, match="nothing was changed; empty the warehouse first") as refusal:
            landing.load([gas(3, "Saline", 8)], is_synthetic=is_synthetic)
        held, given = ("a synthetic sample", "real data") if first else ("real data", "a synthetic sample")
        assert f"the warehouse holds {held}, and the source gives {given}" in str(refusal.value)
        assert landing.rows() == rows and landing.recorded() == before


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
        ([gas(1, "Saline", 1), gas(1, "Saline", 2)], None, "2 rows were loaded .* with 1 different keys"),
        ([gas(1, "Saline", 1), {**gas(1, "Saline", 2), "date": "2022-02-01"}], None, "1 of the rows .* are not of"),
        ([gas(1, "Saline", 1), {"pits": "Centre", "stock_fin_de_journee": 2}], None, "1 of the rows .* are not of"),
    ],
)
def test_refusals_change_nothing(landing, rows, claimed, says):
    before = landing.load([gas(day, pits, 5) for day in (1, 2) for pits in ("Saline", "Centre", "Serene")])
    recorded = landing.recorded()
    with pytest.raises(GoogleAPIError, match=says) as refusal:
        landing.load(rows, claimed=claimed)
    assert "stock-quotidien-stockages-gaz" in str(refusal.value) and landing.rows() == before
    assert landing.recorded() == recorded


def test_a_more_mature_day_without_any_value_is_held_back(mix):
    standing = mix.load([step(1, "00:00", 9), step(1, "00:15", 8)])
    assert mix.load([step(1, "00:00", None, CONS), step(1, "00:15", None, CONS)]) == standing
    assert [held["reason"] for held in mix.held_back] == ["would lose all observed values"]


ALL_SITES = [gas(day, pits, 5) for day in (1, 2, 3) for pits in ("Saline", "Centre", "Serene")]


@pytest.mark.parametrize(
    ("second_day", "reason"),
    [
        ([gas(2, pits, None) for pits in ("Saline", "Centre", "Serene")], "would lose all observed values"),
        ([gas(2, "Saline", 6)], "would lose most rows"),
    ],
)
def test_a_day_that_would_lose_data_is_held_back_and_the_others_are_replaced(landing, second_day, reason):
    landing.load(ALL_SITES)
    rows = [{**row, "stock_fin_de_journee": 6} for row in ALL_SITES if row["date"] != "2022-01-02"]
    after = landing.load([*rows, *second_day])
    assert {(day.day, stock) for day, _, stock in after} == {(1, 6.0), (2, 5.0), (3, 6.0)} and len(after) == 9
    assert landing.held_back == [{"local_date": date(2022, 1, 2), "reason": reason}]
    assert {answer["local_date"].day for answer in landing.recorded()[-1][-5]} == {1, 3}
    assert landing.undecided() == [date(2022, 1, 2)]
    # a person decides that the standing rows are right
    landing.contract = GAS.model_copy(update={"decisions": (Decision(day=date(2022, 1, 2), verdict="leave out"),)})
    landing.load([*rows, *second_day])
    assert landing.held_back == [{"local_date": date(2022, 1, 2), "reason": reason}] and landing.undecided() == []
    # a person decides that the loss is meant
    decision = Decision(day=date(2022, 1, 2), verdict="accept")
    landing.contract = GAS.model_copy(update={"decisions": (decision,)})
    after = landing.load([*rows, *second_day])
    assert {stock for day, _, stock in after if day.day == 2} == {second_day[0]["stock_fin_de_journee"]}
    assert landing.held_back == []


def test_an_answer_asked_earlier_never_replaces_one_asked_later(landing):
    """Day by day: what only the earlier answer holds is admitted, in either order."""
    later = [gas(1, "Saline", 20), gas(2, "Saline", 20)]
    earlier = [gas(2, "Saline", 10), gas(3, "Saline", 10)]
    landing.load(later, minute=20)
    landing.load(earlier, minute=10)
    assert {(day.day, stock) for day, _, stock in landing.rows()} == {(1, 20.0), (2, 20.0), (3, 10.0)}
    assert landing.kept == [date(2022, 1, 2)]
    landing.load(earlier, minute=30)
    assert {(day.day, stock) for day, _, stock in landing.rows()} == {(1, 20.0), (2, 10.0), (3, 10.0)}
    assert landing.kept == []


def test_a_silent_publisher_has_not_answered(landing):
    """Teréga's rows of an earlier answer are admitted though a later answer holds Storengy's of the same day."""
    both = [gas(1, "Saline", 10), gas(1, "Teréga", 11, "Teréga")]
    landing.load([gas(1, "Saline", 20)], minute=20)
    assert {row[1:] for row in landing.load(both, minute=10)} == {("Saline", 20.0), ("Teréga", 11.0)}


def test_a_site_that_has_changed_hands_later_stays_changed(landing):
    landing.load([gas(1, "Saline", 20, "Teréga")], minute=20)
    assert {row[1:] for row in landing.load([gas(1, "Saline", 10), gas(1, "Centre", 11)], minute=10)} == {
        ("Saline", 20.0), ("Centre", 11.0)}  # fmt: skip


def test_a_row_names_the_load_that_last_changed_it_and_the_ledger_knows_that_load(landing):
    landing.load([gas(1, "Saline", 10), gas(2, "Saline", 10)])
    landing.load([gas(1, "Saline", 10), gas(2, "Saline", 11), gas(3, "Saline", 12)], days_set_aside=(date(2022, 1, 9),))
    _, rows = landing.warehouse.query(f"select extract(day from date), load_id from `{landing.target}` order by 1")
    assert rows == [(1, "load 1"), (2, "load 2"), (3, "load 2")]
    names, found = landing.warehouse.query(f"select * from `{landing.ledger}` order by asked_at")
    first, second = (dict(zip(names, row, strict=True)) for row in found)
    assert (first["load_id"], first["table_name"], first["run_id"]) == ("load 1", GAS.table, "manual 'run'")
    assert (second["row_count"], second["segments"], second["days_set_aside"]) == (3, ["dataset"], [date(2022, 1, 9)])
    assert sorted(answer["local_date"].day for answer in second["answered"]) == [1, 2, 3]
    assert second["merged_at"] > datetime(2024, 1, 2, tzinfo=timezone.utc)


def test_what_cannot_be_merged_is_not_in_the_ledger(landing):
    """The ledger's row is written before the rows it speaks of, in their transaction."""
    rows, before = landing.load([gas(1, "Saline", 10)]), landing.recorded()
    landing.warehouse.query(f"alter table `{landing.target}` drop column load_id")
    with pytest.raises(GoogleAPIError, match="load_id"):
        landing.load([gas(1, "Saline", 11)])
    assert landing.rows() == rows and landing.recorded() == before


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
    assert mix.kept == [date(2022, 1, 1)]


def test_what_is_more_mature_stands_whenever_it_was_asked(mix):
    """Maturity decides first, then the moment of asking: the order of merges does not."""
    answers = [([step(1, "00:00", 1)], 40), ([step(1, "00:00", 10, CONS)], 10), ([step(1, "00:00", 2)], 50),
               ([step(1, "00:00", 11, CONS)], 30), ([step(1, "00:00", 12, CONS)], 20)]  # fmt: skip
    for order in ((0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 3, 0, 4, 1)):
        mix.warehouse.query(f"delete from `{mix.ledger}` where true")
        mix.warehouse.query(f"delete from `{mix.target}` where true")
        for number in order:
            rows, minute = answers[number]
            mix.load(rows, minute=minute)
        assert {row[3:] for row in mix.rows()} == {(11.0, CONS)}


def test_a_day_of_two_maturities_stays_whole(mix):
    """Some steps of a day become definitive before the others: the day is replaced as a whole, again and again."""
    rows = [step(1, "00:00", 10, "Données définitives"), step(1, "00:15", 11, CONS), step(1, "00:30", 12, CONS)]
    whole = mix.load(rows)
    assert len(whole) == 3 and mix.load(rows) == whole
    assert {row[3] for row in mix.load([*rows[:2], step(1, "00:30", 13, CONS)])} == {10.0, 11.0, 13.0}
    mix.load([step(1, clock, 20, CONS) for clock in ("00:00", "00:15", "00:30")])
    assert {row[3] for row in mix.rows()} == {10.0, 11.0, 13.0}
