"""Exports of unusual form: each is read, or refused with one line that names the file or dataset, the column, row and
value, and what to do."""

from __future__ import annotations

import datetime as dt
import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odre.contract import load_contract
from odre.errors import DataRejected
from odre.exports.writing import CanonicalWriter
from odre.window import Window

from laptop.replica import folder
from laptop.replica.refusing import UnreadableExport
from tests.examples import examples

GAS, TEMPERATURE, MIX = (
    load_contract(table)
    for table in ("stock_quotidien_stockages_gaz", "temperature_quotidienne_regionale", "eco2mix_national_tr")
)
ROW = {"date": ["2022-01-01"], "stock_fin_de_journee": ["10"], "source": ["Storengy"], "pits": ["Saline"]}
REGION = {"date": ["2022-01-01"], "code_insee_region": ["53"], "region": ["Bretagne"], "tmin": ["1"], "tmax": ["3"],
          "tmoy": ["2"], "id": ["a"]}  # fmt: skip
CLOCK = [f"{hour:02d}:{minute}" for hour in range(24) for minute in ("00", "15", "30", "45")]


def renamed(columns: dict, **names: str) -> dict:
    return {names.get(name, name): values for name, values in columns.items()}


def steps(day: dt.date, clock: list[str], begin: dt.datetime) -> dict:
    """Quarter-hours of the mix from the instant `begin` on, at these clock times."""
    instants = [(begin + n * dt.timedelta(minutes=15)).isoformat() for n in range(len(clock))]
    measures = {c.name: [max(c.range[0], 1.0)] * len(clock) for c in MIX.columns if c.unit}
    return {"perimetre": ["France"] * len(clock), "nature": ["Données temps réel"] * len(clock),
            "date": [str(day)] * len(clock), "heure": clock, "date_heure": instants} | measures  # fmt: skip


WINTER = steps(dt.date(2022, 1, 1), CLOCK, dt.datetime(2021, 12, 31, 23, tzinfo=dt.timezone.utc))
OCTOBER = steps(dt.date(2022, 10, 30), CLOCK[:12] + CLOCK[8:], dt.datetime(2022, 10, 29, 22, tzinfo=dt.timezone.utc))

#: contract, columns of the answer, what the error says; None where the answer is read.
ANSWERS = {
    "a number beyond 64 bits": (GAS, ROW | {"stock_fin_de_journee": [str(10**30)]}, r"row 1 \(date=2022-01-01, pits=Saline\): column stock_fin_de_journee: .* got 1e\+30 → "),
    "a whole number beyond 64 bits": (TEMPERATURE, REGION | {"code_insee_region": [str(10**30)]}, r"row 1 .*column code_insee_region: expected a number of 64 bits, got '10000"),
    "a decimal beyond 64 bits": (GAS, ROW | {"stock_fin_de_journee": pa.array([10**30], pa.decimal128(38, 0))}, r"row 1 .*got 1e\+30"),
    "two headers of one column": (GAS, ROW | {"PITS": ["Saline"]}, "the headers pits and PITS both mean the column pits → "),
    "the year 0000": (GAS, ROW | {"date": ["0000-01-01"]}, "row 1 .*column date: expected a day of the years 1 to 9999, got '0000-01-01' → "),
    "the year 0000 as a date": (GAS, ROW | {"date": pa.array([-719528], pa.int32()).cast(pa.date32())}, "row 1 .*column date: expected a day of the years 1 to 9999, got '0000-01-01'"),
    "an instant of the year 33658": (GAS, ROW | {"date": pa.array([10**12], pa.timestamp("s"))}, "row 1 .*column date: expected a day of the years"),
    "a struct": (GAS, ROW | {"stock_fin_de_journee": [{"value": 1}]}, r"row 1 .*column stock_fin_de_journee: expected a single value, got \{'value': 1\} → "),
    "a list as key": (GAS, ROW | {"pits": [["Saline"]]}, r"row 1 .*column pits: expected a single value, got \['Saline'\] → "),
    "text views": (GAS, {name: pa.array(values, pa.string_view()) for name, values in ROW.items()}, None),
    "text as bytes": (GAS, {name: pa.array([v.encode() for v in values], pa.binary()) for name, values in ROW.items()}, None),
    "another unit": (TEMPERATURE, renamed(REGION, tmoy="TMoy (°F)"), r"the header TMoy \(°F\) states another unit than the contract has for the column tmoy, °C → convert"),
    "the unit written otherwise": (TEMPERATURE, renamed(REGION, tmoy="TMOY (° c)"), None),
    "a day of another country": (GAS, ROW | {"date": ["02/01/2022"]}, "row 1 .*column date: expected a date written YYYY-MM-DD, got '02/01/2022' → "),
    "no key column": (GAS, {name: v for name, v in ROW.items() if name != "pits"}, "required column pits is not in the response; it has date, .* → "),
    "a wrong clock time": (MIX, WINTER | {"heure": [*CLOCK[:70], "23:59", *CLOCK[71:]]}, r"row 71 \(perimetre=France, date=2022-01-01, heure=23:59\): heure 23:59 is not the local time of date_heure 2022-01-01 16:30"),
    "October with 100 quarter-hours": (MIX, OCTOBER, "row with perimetre=France, date=2022-10-30, heure=02:00: two rows share this key and differ in date_heure .* → "),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_an_answer_of_the_api(tmp_path, case):
    contract, columns, says = ANSWERS[case]
    pq.write_table(pa.table(columns), tmp_path / "answer")
    window = Window(dt.date(2022, 1, 1), dt.date(2022, 12, 31))

    def written() -> pa.Table:
        with CanonicalWriter(contract, window, tmp_path / "canonical") as writer:
            writer.add(tmp_path / "answer")
        return pq.read_table(tmp_path / "canonical")

    if says is None:
        assert written().num_rows == 1
        return
    with pytest.raises(DataRejected, match=says) as error:
        written()
    assert str(error.value).startswith(f"{contract.dataset_id}: ") and "\n" not in str(error.value)


def test_an_october_that_is_written_with_both_hours_costs_its_day_and_no_other(tmp_path):
    """ODRÉ writes the repeated hour once; should it ever write both, nothing says which of two rows a clock time means."""
    before = steps(dt.date(2022, 10, 29), CLOCK, dt.datetime(2022, 10, 28, 22, tzinfo=dt.timezone.utc))
    after = steps(dt.date(2022, 10, 31), CLOCK, dt.datetime(2022, 10, 30, 23, tzinfo=dt.timezone.utc))
    pq.write_table(
        pa.table({name: before[name] + OCTOBER[name] + after[name] for name in OCTOBER}), tmp_path / "answer"
    )
    week = Window(dt.date(2022, 10, 24), dt.date(2022, 10, 31))
    with CanonicalWriter(MIX, week, tmp_path / "canonical") as writer:
        assert writer.add(tmp_path / "answer") == 96 + 100 + 96
    days = pq.read_table(tmp_path / "canonical")["date"].to_pylist()
    assert {day: days.count(day) for day in days} == {dt.date(2022, 10, 29): 96, dt.date(2022, 10, 31): 96}
    [entry] = writer.aside.left_out
    assert (entry.local_date, entry.scope, entry.rows) == (dt.date(2022, 10, 30), "day", 4)
    assert entry.cause.startswith(
        "two rows share this key and differ in date_heure (2022-10-30 00:00:00+00:00 and 2022-"
    )


def test_a_headline_that_is_not_utf_8_says_so(tmp_path):
    (tmp_path / "answer").write_bytes("Date;Stock fin de journée (GWh PCS 0°C);Source;PITS\n".encode("latin-1"))
    window = Window(dt.date(2022, 1, 1), dt.date(2022, 1, 1))
    with (
        pytest.raises(DataRejected, match="the headers of the CSV export are not in UTF-8 → ask for UTF-8"),
        CanonicalWriter(GAS, window, tmp_path / "canonical") as writer,
    ):
        writer.add(tmp_path / "answer")


HEAD = "Date;Stock fin de journée (GWh PCS 0°C);Source;PITS\n"
LINE = "2022-01-01;10;Teréga;Teréga\n"
GAS_ID, TEMPERATURE_ID = GAS.dataset_id, TEMPERATURE.dataset_id
NESTED = pa.table({"date": [dt.date(2022, 1, 1)], "pits": ["Saline"], "stock_fin_de_journee": [{"value": 1}]})


def file_of(content: str | bytes | pa.Table, path: Path) -> None:
    if isinstance(content, pa.Table):
        pq.write_table(content, path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


#: name of the file, its content, what the error says; None where it is read.
FILES = {
    "Latin-1": (f"{GAS_ID}.csv", (HEAD + LINE).encode("latin-1"), None),
    "a day of another country": (f"{GAS_ID}.csv", HEAD + LINE + "02/01/2022;1;Teréga;Teréga\n", r"\.csv: column date, row 2: '02/01/2022' is no day written YYYY-MM-DD → download"),
    "the year 0000": (f"{GAS_ID}.csv", HEAD + "0000-01-01;1;Teréga;Teréga\n", r"\.csv: column date, row 1: '0000-01-01' is no day"),
    "a missing key column": (f"{GAS_ID}.csv", "Date;Source\n2022-01-01;Teréga\n", r"\.csv: no column pits, which identifies a row of .* → export all columns"),
    "two headers of one column": (f"{GAS_ID}.csv", "Date;PITS;pits\n2022-01-01;a;b\n", r"\.csv: the headers PITS and pits both mean pits → remove one"),
    "another unit": (f"{TEMPERATURE_ID}.csv", "Date;Code INSEE région;TMoy (°F)\n2022-01-01;53;50\n", r"\.csv: the header TMoy \(°F\) states another unit than ODRÉ's TMoy \(°C\) → convert"),
    "a number beyond 64 bits": (f"{GAS_ID}.json", f'[{{"date": "2022-01-01", "pits": "Saline", "stock_fin_de_journee": {10**30}}}]', r"\.json: column stock_fin_de_journee, row 1: .*0000.* is no number, or one of more than 64 bits → "),
    "a number as a spreadsheet writes it": (f"{GAS_ID}.csv", HEAD + LINE + "2022-01-02;1,5;Teréga;Teréga\n", r"\.csv: column stock_fin_de_journee, row 2: '1,5' is no number"),
    "a missing value": (f"{GAS_ID}.csv", HEAD + LINE + "2022-01-02;ND;Teréga;Teréga\n2022-01-03;-;Teréga;Teréga\n", None),
    "a struct": (f"{GAS_ID}.parquet", NESTED, r"\.parquet: column stock_fin_de_journee, row 1: \{'value': 1\} is no single value → "),
    "text views": (f"{GAS_ID}.parquet", pa.table({name: pa.array(v, pa.string_view()) for name, v in ROW.items()}), None),
    "no Parquet": (f"{GAS_ID}.parquet", b"PAR1 and no more", r"\.parquet cannot be read \(.*\) → download the export again"),
    "no workbook": (f"{GAS_ID}.xlsx", b"PK and no more", r"\.xlsx cannot be read \(.*\) → download the export again"),
    "no JSON": (f"{GAS_ID}.json", '{"records": [', r"\.json cannot be read \(.*\) → download the export again"),
    "a file of no dataset": ("export.csv", HEAD + LINE, r"holds no export → name files after their dataset, .*\n  export.csv: ignored, its name begins with no dataset id"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_file_of_a_folder(tmp_path, case):
    name, content, says = FILES[case]
    file_of(content, tmp_path / name)
    if says is None:
        assert folder.load(tmp_path)[GAS_ID].num_rows >= 1
        return
    with pytest.raises(UnreadableExport, match=says):
        folder.load(tmp_path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(UnreadableExport, match=r"nowhere cannot be listed \(.*\) → give a folder of ODRÉ exports"):
        folder.load(tmp_path / "nowhere")


def write_xls(path: Path, rows: list[list[str | float]]) -> None:
    """A workbook of Excel 97 to 2003: one sheet of texts and numbers in a compound file of two streams' worth of sectors."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def cell(row: int, column: int, value: str | float) -> bytes:
        if isinstance(value, float):
            return record(0x0203, struct.pack("<HHHd", row, column, 0, value))
        text = value.encode("utf-16-le")
        return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(value), 1) + text)

    begin = [record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0)) for kind in (0x0005, 0x0010)]
    name = b"s"
    length = len(begin[0]) + 4 + 8 + len(name) + 4
    bound = record(0x0085, struct.pack("<IBBBB", length, 0, 0, len(name), 0) + name)
    cells = b"".join(cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row))
    book = begin[0] + bound + record(0x000A, b"") + begin[1] + cells + record(0x000A, b"")
    book = book.ljust(max(4096, -(-len(book) // 512) * 512), b"\0")
    sectors = len(book) // 512
    # Sector 0 is the allocation table, sector 1 the directory, the rest the stream.
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    allocation = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")

    def entry(title: str, kind: int, child: int, first: int, size: int) -> bytes:
        encoded = (title + "\0").encode("utf-16-le")
        return (
            encoded.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(encoded), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
            + bytes(36)
            + struct.pack("<IQ", first, size)
        )

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 2, len(book))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff" * 432
    path.write_bytes(header + allocation + directory.ljust(512, b"\0") + book)


def test_an_xls_is_read(tmp_path):
    rows = [["Date", "Stock fin de journée (GWh PCS 0°C)", "Source", "PITS"], ["2022-01-01", 2.5, "Teréga", "Teréga"]]
    write_xls(tmp_path / f"{GAS_ID}.xls", rows)
    assert folder.load(tmp_path)[GAS_ID].to_pylist() == [
        {"date": dt.date(2022, 1, 1), "stock_fin_de_journee": 2.5, "source": "Teréga", "pits": "Teréga"}
    ]


@settings(max_examples=examples(40), suppress_health_check=list(HealthCheck))
@given(names=st.lists(st.text("abcxyz", min_size=1, max_size=4), min_size=3, max_size=3, unique=True), data=st.data())
def test_any_names_and_any_order_of_files_give_the_same_rows(tmp_path_factory, names, data):
    """Three downloads, each of which reaches a day further and revises the days before."""
    where = tmp_path_factory.mktemp("exports")
    order = data.draw(st.permutations(range(3)))
    for position in order:  # a folder lists files as they were made, on some file systems
        days = "".join(f"2022-01-0{day};{10 * position + day};Teréga;Teréga\n" for day in range(1, position + 3))
        (where / f"{GAS_ID}_{names[position]}.csv").write_text(HEAD + days)
    found = sorted((row["date"].day, row["stock_fin_de_journee"]) for row in folder.load(where)[GAS_ID].to_pylist())
    assert found == [(day, 20.0 + day) for day in range(1, 5)]
