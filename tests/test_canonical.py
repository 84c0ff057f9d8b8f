"""Exports become canonical Parquet, or are refused by dataset, column, row and value."""

import json
import re
from datetime import date

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest
from odre.contract import load_contract
from odre.contract_fields import Decision
from odre.errors import DataRejected, SourceUnavailable
from odre.exports.aside import Aside
from odre.exports.checks import Finding
from odre.exports.writing import CanonicalWriter
from odre.window import Window

GAS, MIX = load_contract("stock_quotidien_stockages_gaz"), load_contract("eco2mix_national_tr")
WINDOW = Window(date(2022, 1, 1), date(2022, 1, 31))
ROWS = {
    "date": ["2022-01-02", "2022-01-01", "2022-01-01"],
    "stock_fin_de_journee": ["9.5", "ND", "10"],
    "source": ["Storengy", "Teréga", "Storengy"],
    "pits": ["Saline", "Teréga", "Saline"],
}


def canonical(tmp_path, columns, contract=GAS, window=WINDOW, suffix="parquet"):
    export, result = tmp_path / f"export.{suffix}", tmp_path / "canonical.parquet"
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    if suffix == "parquet":
        pq.write_table(table, export)
    else:
        pcsv.write_csv(table, export, pcsv.WriteOptions(delimiter=";"))
        export.write_bytes(b"\xef\xbb\xbf" + export.read_bytes())
    with CanonicalWriter(contract, window, result) as writer:
        writer.add(export)
    return pq.read_table(result), writer.outcome


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_text_becomes_typed_sorted_rows(tmp_path, suffix):
    table, outcome = canonical(tmp_path, ROWS, suffix=suffix)
    assert table.column("stock_fin_de_journee").to_pylist() == [10.0, None, 9.5]
    assert table.column("date").to_pylist() == [date(2022, 1, 1), date(2022, 1, 1), date(2022, 1, 2)]
    assert (outcome.received, outcome.written, outcome.observed, outcome.last) == (3, 3, 2, date(2022, 1, 2))


def test_what_is_unusual_is_loaded_and_flagged(tmp_path, caplog):
    contract = load_contract("temperature_quotidienne_regionale")
    low, high = contract.by_name["tmin"].usual
    days, regions = ["2022-01-02", "2022-01-01", "2022-01-01"], [11, 24, 11]
    # the rows are not sorted by day, so the file is sorted at the end; the flags stay
    columns = {"date": days, "code_insee_region": regions, "region": ["a", "b", "a"],
               "tmin": [low - 1, low, None], "tmoy": [low, 1, 2], "tmax": [high, high + 1, high + 2]}  # fmt: skip
    table, outcome = canonical(tmp_path, columns, contract)
    assert outcome.unusual == {"tmin": 1, "tmax": 2}
    assert sorted(filter(None, table.column("tmin").to_pylist())) == [low - 1, low]
    assert (
        "temperature-quotidienne-regionale: values outside what the contract calls usual were loaded" in caplog.text
        and "tmax (2 rows)" in caplog.text
    )


def test_labels_and_unknown_columns(tmp_path):
    renamed = {
        "Date": "date",
        "Stock fin de journée (GWh PCS 0°C)": "stock_fin_de_journee",
        "Source": "source",
        "PITS": "pits",
    }
    columns = {label: ROWS[name] for label, name in renamed.items()} | {"Column 30": [None] * 3}
    table, outcome = canonical(tmp_path, columns, suffix="csv")
    assert table.num_rows == 3 and outcome.unknown_columns == ["Column 30"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"stock_fin_de_journee": ["9.5", "8", "ten"]}, r"row 3 .*stock_fin_de_journee: expected a number, got 'ten'"),
        ({"stock_fin_de_journee": ["9.5", "8", "-1"]}, "between 0 and 200000"),
        ({"date": ["02/01/2022", "2022-01-01", "2022-01-02"]}, "YYYY-MM-DD"),
        ({"date": ["2022-02-01", "2022-01-01", "2022-01-01"]}, "outside the window"),
        ({"pits": ["Saline", "TerÃ©ga", "Saline"]}, "readable UTF-8"),
        ({"pits": ["Saline", "", "Saline"]}, "key column pits is empty"),
        ({"pits": ["Saline", "Saline", "Saline"]}, "two rows share this key and differ in stock_fin_de_journee"),
    ],
)
def test_an_answer_without_a_good_row_is_refused_with_the_cause(tmp_path, change, says):
    """The answer has one bad day and no other day."""
    with pytest.raises(DataRejected, match=says) as refusal:
        canonical(tmp_path, ROWS | {"date": ["2022-01-01"] * 3} | change)
    assert str(refusal.value).startswith("stock-quotidien-stockages-gaz: ") and "→" in str(refusal.value)


MIX_ROWS = {
    "perimetre": ["France"] * 3,
    "nature": ["Données temps réel"] * 3,
    "date": ["2022-01-01"] * 3,
    "heure": ["00:00", "00:15", "00:30"],
    "date_heure": [f"2022-01-01T00:{minute}:00+01:00" for minute in ("00", "15", "30")],
    **{column.name: [1.0, 2.0, 3.0] for column in MIX.columns if column.unit},
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, None),
        ({"heure": ["00:00", "00:15", "00:45"]}, "row 3 .*heure 00:45 is not the local time of date_heure"),
        ({"heure": ["00:00", "0:15", "00:30"]}, "row 2 .*heure 0:15 is not the local time"),
        ({"heure": ["00:00", "25:15", "00:30"]}, "row 2 .*heure 25:15 is not the local time"),
        ({"nature": ["Données temps réel", "Données estimées", "Données temps réel"]}, "row 2 .*nature is Données estimées, not one"),
        ({"date": ["2022-01-01", "2022-01-01", "2022-02-01"]}, "row 3 .*day 2022-02-01 is outside the window"),
    ],
)  # fmt: skip
def test_a_refused_row_is_named_by_its_number_in_the_response(tmp_path, change, says):
    """The number counts from 1 over all batches of all exports of a window."""
    first, second = tmp_path / "first", tmp_path / "second"
    pq.write_table(pa.table(MIX_ROWS | {"date_heure": [t.replace("01T", "02T") for t in MIX_ROWS["date_heure"]],
                                        "date": ["2022-01-02"] * 3}), first)  # fmt: skip
    pq.write_table(pa.table(MIX_ROWS | change), second)
    with CanonicalWriter(MIX, WINDOW, tmp_path / "canonical") as writer:
        assert writer.add(first) == 3
        numbers = {n: str(n + 3) for n in (1, 2, 3)}
        expected = f"row {numbers[int(says[4])]}{says[5:]}" if says else None
        if expected and "outside" in expected:
            with pytest.raises(DataRejected, match=expected):
                writer.add(second)
            return
        assert writer.add(second) == 3
    if expected:
        assert re.search(expected, str(writer.aside.first))
        assert (writer.outcome.written, writer.outcome.set_aside) == (3, 3)
        assert [entry.local_date for entry in writer.aside.left_out] == [date(2022, 1, 1)]
    else:
        assert writer.aside.first is None and writer.outcome.written == 6


def gas_rows(days: int, **bad: object) -> dict:
    """Three sites for so many days; `bad` is (day number, value) by column, at the day's second site."""
    columns = {"date": [], "pits": [], "source": [], "stock_fin_de_journee": []}
    for number in range(days):
        for site in ("Centre", "Saline", "Serene"):
            columns["date"].append(str(date(2022, 1, 1 + number)))
            columns["pits"].append(site)
            columns["source"].append("Storengy")
            columns["stock_fin_de_journee"].append("10")
    for name, (number, value) in bad.items():
        columns[name][3 * number + 1] = value
    return columns


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"stock_fin_de_journee": (2, "panne")}, "expected a number, got 'panne'"),
        ({"stock_fin_de_journee": (2, "999999")}, "expected a value between 0 and 200000 GWh, got 999999"),
        ({"pits": (2, "")}, "key column pits is empty"),
        ({"pits": (2, "TerÃ©ga")}, "readable UTF-8 text"),
        (
            {"pits": (2, "Centre"), "stock_fin_de_journee": (2, "11")},
            r"two rows share this key and differ in .*\(1[01].0 and 1[01].0\)",
        ),
    ],
)
@pytest.mark.parametrize("order", ["sorted", "shuffled"])
def test_one_bad_day_costs_that_day(tmp_path, bad, says, order):
    rows = gas_rows(5, **bad)
    if order == "shuffled":
        places = [(n * 7) % 15 for n in range(15)]
        rows = {name: [values[n] for n in places] for name, values in rows.items()}
    export = tmp_path / "export"
    pq.write_table(pa.table(rows), export)
    with CanonicalWriter(GAS, WINDOW, tmp_path / "canonical") as writer:
        assert writer.add(export) == 15
    table = pq.read_table(tmp_path / "canonical")
    assert set(table["date"].to_pylist()) == {date(2022, 1, day) for day in (1, 2, 4, 5)} and table.num_rows == 12
    [entry] = writer.aside.left_out
    assert (entry.local_date, entry.scope, entry.rows, entry.decided) == (date(2022, 1, 3), "day", 1, False)
    assert re.search(says, entry.cause) and writer.outcome.set_aside == 3
    [record] = writer.aside.records
    assert record["column_name"] == entry.column and "2022-01-03" in json.loads(record["row_json"])["date"]


def test_a_bad_row_far_from_its_day_costs_that_day_all_the_same(tmp_path, monkeypatch):
    """It comes after the day's other rows have been written, in a batch of which nothing else is left."""
    monkeypatch.setattr("odre.exports.reading._BATCH_ROWS", 3)
    columns = gas_rows(3)
    for name, value in {
        "date": "2022-01-01",
        "pits": "Lussagnet",
        "source": "Teréga",
        "stock_fin_de_journee": "?",
    }.items():
        columns[name].append(value)
    table, outcome = canonical(tmp_path, columns)
    assert table.column("date").unique().to_pylist() == [date(2022, 1, 2), date(2022, 1, 3)]
    assert (outcome.received, outcome.written, outcome.set_aside) == (10, 6, 4)


def test_a_person_decides_about_a_value(tmp_path):
    export = tmp_path / "export"
    pq.write_table(pa.table(gas_rows(3, stock_fin_de_journee=(1, "999999"))), export)

    def written(verdict: str, column: str = "stock_fin_de_journee"):
        decision = Decision(day=date(2022, 1, 2), column=column, verdict=verdict)
        with CanonicalWriter(
            GAS.model_copy(update={"decisions": (decision,)}), WINDOW, tmp_path / "canonical"
        ) as writer:
            writer.add(export)
        return writer.outcome.written, [entry.decided for entry in writer.aside.left_out]

    assert written("accept") == (9, [])
    assert written("leave out") == (6, [True])
    assert written("accept", "pits") == (6, [False])  # about another column


def test_a_value_that_is_no_number_cannot_be_accepted(tmp_path):
    export = tmp_path / "export"
    pq.write_table(pa.table(gas_rows(3, stock_fin_de_journee=(1, "panne"))), export)
    decision = Decision(day=date(2022, 1, 2), column="stock_fin_de_journee", verdict="accept")
    with CanonicalWriter(GAS.model_copy(update={"decisions": (decision,)}), WINDOW, tmp_path / "c") as writer:
        writer.add(export)
    assert writer.outcome.written == 6


def test_a_finding_of_a_row_costs_that_row(tmp_path):
    table = pa.table(gas_rows(2)).append_column("n", pa.array(range(6)))
    findings = [Finding(4, "an unknown site", "declare it", column="pits", scope="row")]
    aside = Aside(GAS)
    kept = aside.apply(table, findings, None)
    assert kept.to_pylist() == [True] * 4 + [False, True] and aside.days == set()
    assert [(entry.scope, entry.local_date) for entry in aside.left_out] == [("row", date(2022, 1, 2))]


def test_days_that_another_export_answers_are_dropped(tmp_path):
    export = tmp_path / "export"
    pq.write_table(pa.table(gas_rows(3)), export)
    with CanonicalWriter(GAS, WINDOW, tmp_path / "c") as writer:
        assert writer.add(export, frozenset({date(2022, 1, 2)})) == 9
    outcome = writer.outcome
    assert (outcome.written, outcome.superseded, outcome.set_aside) == (6, 3, 0)
    assert date(2022, 1, 2) not in pq.read_table(tmp_path / "c")["date"].to_pylist()


def test_a_measure_that_is_null_for_a_day_is_lost(tmp_path):
    days = [str(date(2022, 1, 1 + n)) for n in range(8)]
    contract = load_contract("temperature_quotidienne_regionale")
    regions = [int(entity.name) for entity in contract.entities.members]
    columns = {"date": days * 13, "code_insee_region": [r for r in regions for _ in days], "region": ["x"] * 104,
               "tmin": [None] * 104, "tmoy": [1.0] * 104, "tmax": [2.0] * 104}  # fmt: skip
    with pytest.raises(DataRejected, match="column tmin is null on all 104 observed rows of 2022-01-01 … 2022-01-31"):
        canonical(tmp_path, columns, contract)
    columns["tmin"] = [0.5] + [None] * 103
    assert canonical(tmp_path, columns, contract)[0].num_rows == 104


def test_a_renamed_required_column_is_guessed(tmp_path):
    columns = {("stock_fin_journee" if n == "stock_fin_de_journee" else n): v for n, v in ROWS.items()}
    with pytest.raises(DataRejected, match="is it stock_fin_journee, renamed"):
        canonical(tmp_path, columns)


def test_the_same_row_twice_counts_once(tmp_path):
    table, outcome = canonical(tmp_path, {name: [*values, values[0]] for name, values in ROWS.items()})
    assert table.num_rows == 3 and (outcome.received, outcome.repeated) == (4, 1)


@pytest.mark.parametrize("body", [b"<html>maintenance</html>", b'{"error_code": "x"}', b"", b"PAR1 cut off"])
def test_what_is_no_export_is_worth_another_try(tmp_path, body):
    (tmp_path / "export").write_bytes(body)
    with pytest.raises(SourceUnavailable), CanonicalWriter(GAS, WINDOW, tmp_path / "c.parquet") as writer:
        writer.add(tmp_path / "export")


def test_unsorted_exports_longer_than_a_batch_are_sorted(tmp_path):
    contract, days = load_contract("temperature_quotidienne_regionale"), 9_000
    window = Window(date(2016, 1, 1), date(2046, 1, 1))
    numbers = [(n * 7_919) % days for n in range(days)]
    regions = sorted(int(entity.name) for entity in contract.entities.members)
    rows = {
        "date": pa.array([16_801 + n for n in numbers for _ in range(13)], pa.int32()).cast(pa.date32()),
        "code_insee_region": [region for _ in numbers for region in regions],
        **{name: ["x"] * (days * 13) for name in ("id", "region")},
        **{name: [float(n % 30) for n in numbers for _ in range(13)] for name in ("tmin", "tmax", "tmoy")},
    }
    table, outcome = canonical(tmp_path, rows, contract, window)
    expected = sorted((n, r) for n in range(days) for r in regions)
    got = zip(
        table.column("date").cast(pa.int32()).to_pylist(), table.column("code_insee_region").to_pylist(), strict=True
    )
    assert [(d - 16_801, r) for d, r in got] == expected and outcome.written == days * 13
