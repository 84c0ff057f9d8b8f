"""A folder of exports, as the commands read it. The same rows in different forms are read as the same rows, and values
that the pipeline would refuse later are refused here, with the name of their file."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from odre.contract import load_contract

from laptop.replica import described, folder
from laptop.replica.refusing import UnreadableExport
from tests.test_folders import write_workbook

GAS, MIX, TEMPERATURE = "stock-quotidien-stockages-gaz", "eco2mix-national-tr", "temperature-quotidienne-regionale"
HEAD = "Date;Stock fin de journée (GWh PCS 0°C);Source;PITS\n"
LINE = "2022-01-01;1.5;Teréga;Teréga\n"
ROW = {"date": dt.date(2022, 1, 1), "stock_fin_de_journee": 1.5, "source": "Teréga", "pits": "Teréga"}
TEXT = {name: str(value) for name, value in ROW.items()}


def load(where: Path, files: dict, dataset: str = GAS) -> list[dict]:
    """The rows of a dataset that a folder of these files is served with."""
    for name, content in files.items():
        if isinstance(content, pa.Table):
            pq.write_table(content, where / name)
        else:
            (where / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder.load(where, described.known_datasets())[dataset].to_pylist()


def gas(**columns: pa.Array) -> pa.Table:
    return pa.table({name: columns.get(name, pa.array([value])) for name, value in ROW.items()})


def at(*moment: int, zone: str | None = None, shown: str | None = None) -> pa.Array:
    found = pa.array([dt.datetime(*moment)], pa.timestamp("us", zone))
    return found.cast(pa.timestamp("us", shown)) if shown else found


SAME = {
    "line ends of Windows": (HEAD + LINE).replace("\n", "\r\n"),
    "line ends of an old Mac": (HEAD + LINE).replace("\n", "\r"),
    "empty lines before and after": f"\n\n{HEAD}{LINE}\n\n",
    "columns and rows that a spreadsheet program has left empty": HEAD.strip() + ";;\n2022-01-01;1.5;Teréga;Teréga;;\n;;;;;\n",
    "tabs": (HEAD + LINE).replace(";", "\t"),
    "commas, all quoted": '"Date","Stock fin de journée (GWh PCS 0°C)","Source","PITS"\n"2022-01-01","1.5","Teréga","Teréga"\n',
    "names of the API in another case": "DATE;STOCK_FIN_DE_JOURNEE;source;Pits\n" + LINE,
    "a label without its unit": "Date;Stock fin de journée;Source;PITS\n" + LINE,
    "a name of the API with its unit": "date;stock_fin_de_journee (GWh);source;pits\n" + LINE,
    "days with midnights": HEAD + LINE.replace("2022-01-01", "2022-01-01 00:00:00"),
    "days with midnights and offsets": HEAD + LINE.replace("2022-01-01", "2022-01-01T00:00:00+00:00"),
    "UTF-16, most significant byte first": b"\xfe\xff" + (HEAD + LINE).encode("utf-16-be"),
}  # fmt: skip
SAME_PARQUET = {
    "days as instants without a zone": gas(date=at(2022, 1, 1)),
    "days as instants in UTC": gas(date=at(2022, 1, 1, zone="UTC")),
    "days as French midnights in UTC": gas(date=at(2021, 12, 31, 23, zone="UTC")),
    "days as French midnights": gas(date=at(2021, 12, 31, 23, zone="UTC", shown="Europe/Paris")),
    "days as milliseconds": gas(date=pa.array([dt.date(2022, 1, 1)], pa.date64())),
    "days as text of a dictionary": gas(date=pa.array(["2022-01-01"]).dictionary_encode()),
    "decimals": gas(stock_fin_de_journee=pa.array([Decimal("1.50")])),
    "wide decimals": gas(stock_fin_de_journee=pa.array([Decimal("1.5")], pa.decimal256(50, 1))),
    "numbers as large text": gas(stock_fin_de_journee=pa.array(["1.5"], pa.large_string())),
    "numbers of half a precision": gas(stock_fin_de_journee=pa.array([1.5], pa.float16())),
    "text as bytes of one length": gas(pits=pa.array(["Teréga".encode()], pa.binary(7))),
    "nested columns that ODRÉ does not have": gas().append_column("geo", pa.array([{"x": [1]}])),
}


@pytest.mark.parametrize("form", [*SAME, *SAME_PARQUET])
def test_a_row_is_the_same_row_in_every_form(tmp_path, form):
    file = {f"{GAS}.csv": SAME[form]} if form in SAME else {f"{GAS}.parquet": SAME_PARQUET[form]}
    assert load(tmp_path, file) == [ROW]


@pytest.mark.parametrize(
    "body",
    [
        [TEXT],
        {"results": [TEXT]},
        {"records": [{"recordid": "x", "fields": TEXT}]},
        [{"datasetid": GAS, "fields": TEXT}],
        {"records": [{"record": {"id": "x", "fields": TEXT}}]},
    ],
    ids=["export", "records of v2.1", "records of v1", "export of v1", "records of v2.0"],
)
def test_json_of_every_version_of_the_api(tmp_path, body):
    assert load(tmp_path, {f"{GAS}.json": json.dumps(body)}) == [ROW]


@pytest.mark.parametrize(
    ("name", "content"), [("csv", HEAD), ("csv", HEAD.strip()), ("json", "[]"), ("json", '{"results": []}')]
)
def test_an_export_of_no_rows_has_no_rows(tmp_path, name, content):
    assert load(tmp_path, {f"{GAS}.{name}": content}) == []


def mix(day: dt.date, clock: list[str], instants: list, **columns: list) -> pa.Table:
    given = {"perimetre": ["France"], "nature": ["Données temps réel"], "date": [str(day)]}
    given |= {
        column.name: [max(column.range[0], 1.0)]
        for column in load_contract("eco2mix_national_tr").columns
        if column.unit
    }
    return pa.table(
        {name: values * len(clock) for name, values in given.items()}
        | {"heure": clock, "date_heure": instants}
        | columns
    )


CLOCK = ["00:00", "02:15", "03:15", "23:45"]
# ODRÉ gives the time that spring skips the instant of an hour later, and of the hour that October repeats the second.
HOURS = {dt.date(2022, 1, 1): [-60, 75, 135, 1365], dt.date(2022, 3, 27): [-60, 75, 75, 1305],
         dt.date(2022, 10, 30): [-120, 75, 135, 1365]}  # fmt: skip


@pytest.mark.parametrize("day", HOURS, ids=str)
@pytest.mark.parametrize(
    "form", ["UTC", "an offset", "no zone, local", "no zone, in UTC", "local text, midnight as a day"]
)
def test_instants_without_a_zone_are_told_by_day_and_clock_time(tmp_path, day, form):
    """Spreadsheet programs and data frames drop the zone of an instant."""
    midnight = dt.datetime(day.year, day.month, day.day)
    true = [midnight + dt.timedelta(minutes=minutes) for minutes in HOURS[day]]
    local = [dt.datetime.combine(day, dt.time.fromisoformat(time)) for time in CLOCK]
    written = {
        "UTC": pa.array(true, pa.timestamp("ns", "UTC")),
        "an offset": [f"{instant + dt.timedelta(hours=1):%Y-%m-%d %H:%M:%S}+0100" for instant in true],
        "no zone, local": pa.array(local, pa.timestamp("us")),
        "no zone, in UTC": pa.array(true, pa.timestamp("us")),
        "local text, midnight as a day": [str(day), *(moment.isoformat() for moment in local[1:])],
    }[form]
    found = load(tmp_path, {f"{MIX}.parquet": mix(day, CLOCK, written)}, MIX)
    assert [row["date_heure"].replace(tzinfo=None) for row in found] == true


@pytest.mark.parametrize(
    "clock", [["0:00", "2:15"], ["00:00:00", "02:15:00"], pa.array([0, 8_100_000], pa.time32("ms"))]
)
def test_clock_times_of_a_spreadsheet_program(tmp_path, clock):
    instants = ["2021-12-31T23:00:00Z", "2022-01-01T01:15:00Z"]
    columns = mix(dt.date(2022, 1, 1), ["", ""], instants, heure=clock, date=pa.array([dt.date(2022, 1, 1)] * 2))
    found = load(tmp_path, {f"{MIX}.parquet": columns}, MIX)
    assert [(row["date"], row["heure"]) for row in found] == [("2022-01-01", "00:00"), ("2022-01-01", "02:15")]


REFUSED = {
    "no file": ("", r"cannot be read \(it is empty\)"),
    "a ZIP under another ending": (b"PK\x03\x04" + bytes(range(256)), r"cannot be read \(.*\) → download"),
    "a gzip under another ending": (b"\x1f\x8b\x08\0\0\0\0\0", r"cannot be read \(it is neither text nor a workbook nor"),
    "UTF-16 without a mark": ((HEAD + LINE).encode("utf-16-le"), r"cannot be read \(it is neither text"),
    "UTF-8 read as Latin-1": (HEAD + LINE.replace("é", "Ã©"), "column source, row 1: 'TerÃ©ga' is text in another encoding"),
    "a row that is cut off": (HEAD + LINE + "2022-01-02;1", r"Row #3: Expected 4 columns, got 2"),
    "a row without a day": (HEAD + LINE + ";2;Teréga;Teréga\n", "column date, row 2: None is no day, which every row needs"),
    "a day of no calendar": (HEAD + LINE.replace("01-01", "02-30"), "column date, row 1: '2022-02-30' is no day written"),
    "a month": (HEAD + LINE.replace("-01;", ";"), "column date, row 1: '2022-01' is no day written"),
    "noon": (HEAD + LINE.replace("01;", "01 12:00;"), "column date, row 1: '2022-01-01 12:00' is no day"),
    "a day as a number of Excel": (HEAD + LINE.replace("2022-01-01", "44562"), "column date, row 1: '44562' is no day"),
    "thousands apart": (HEAD + LINE.replace("1.5", "1 500"), "column stock_fin_de_journee, row 1: '1 500' is no number"),
    "two headers that nobody knows": (HEAD.strip() + ";Note;note\n", "the headers Note and note both mean Note → remove one"),
    "no column that the numbers need": ("Date;PITS;Source\n", "no column stock_fin_de_journee, which the numbers need .* → export all"),
}  # fmt: skip
REFUSED_PARQUET = {
    "a truth value": (gas(stock_fin_de_journee=pa.array([True])), "column stock_fin_de_journee, row 1: True is no number"),
    "a day as a measure": (gas(stock_fin_de_journee=pa.array([dt.date(2022, 5, 1)])), "row 1: '2022-05-01' is no number"),
    "a number as a day": (gas(date=pa.array([20220101])), "column date, row 1: 20220101 is no day"),
    "bytes of another encoding": (gas(pits=pa.array([b"Ter\xe9ga"])), r"column pits cannot be read \(.*UTF8"),
}  # fmt: skip


@pytest.mark.parametrize("case", [*REFUSED, *REFUSED_PARQUET])
def test_what_cannot_be_read_is_refused_in_one_line_with_its_file(tmp_path, case):
    content, says = (REFUSED | REFUSED_PARQUET)[case]
    name = f"{GAS}.csv" if case in REFUSED else f"{GAS}.parquet"
    with pytest.raises(UnreadableExport, match=says) as refusal:
        load(tmp_path, {name: content})
    line = str(refusal.value)
    assert line.startswith(name) and " → " in line and line.isprintable()


@pytest.mark.parametrize("content", ['"text"', "[1]", "null", '{"records": [', '{"a": 1}'])
@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_json_that_is_no_export_is_refused(tmp_path, content, ending):
    with pytest.raises(UnreadableExport, match=rf"\.{ending}(: no column| cannot be read)"):
        load(tmp_path, {f"{GAS}.{ending}": content})


def test_a_workbook_with_a_header_twice_is_refused(tmp_path):
    head = ["Date", "Stock fin de journée (GWh PCS 0°C)", "Source", "PITS", "PITS"]
    write_workbook(tmp_path / f"{GAS}.xlsx", [head, ["2022-01-01", 1.5, "Teréga", "Teréga", "Saline"]])
    with pytest.raises(UnreadableExport, match="the headers PITS and PITS both mean pits → remove one"):
        load(tmp_path, {})


def test_a_workbook_under_another_ending_is_one(tmp_path):
    write_workbook(tmp_path / f"{GAS}.csv", [[*TEXT], ["2022-01-01", 1.5, "Teréga", "Teréga"]])
    assert load(tmp_path, {f"{GAS} (1).xls": HEAD + LINE}) == [ROW]


def test_a_key_that_is_spelled_otherwise_is_the_same_row(tmp_path):
    """As the contract has it: both would reach the pipeline as one key with two values, and cost the day."""
    older = HEAD + "2022-01-01;130;Teréga;Teréga\n2022-01-01;5;Storengy;Sediane B\n"
    newer = HEAD + unicodedata.normalize("NFD", "2022-01-01;131;TEREGA; TIGF\n2022-01-01;6;Storengy;SEDIANE-B\n")
    found = load(tmp_path, {f"{GAS}_2022-02.csv": older, f"{GAS}_2022-03.csv": newer})
    assert sorted(row["stock_fin_de_journee"] for row in found) == [6, 131]


def test_a_state_of_maturity_that_is_spelled_otherwise_counts(tmp_path):
    day, instants = dt.date(2022, 1, 1), ["2021-12-31T23:00:00Z"]
    mature = [unicodedata.normalize("NFD", "Données consolidées ")]
    files = {
        f"{MIX}_2022-01.parquet": mix(day, ["00:00"], instants, nature=mature, consommation=[9.0]),
        f"{MIX}_2022-05.parquet": mix(day, ["00:00"], instants, consommation=["5"]),
        f"{MIX}_2022-06.parquet": mix(day, ["00:00"], instants, consommation=["ND"], nature=mature),
    }
    [row] = load(tmp_path, files, MIX)
    assert float(row["consommation"]) == 9


def test_of_two_exports_that_are_alike_their_names_do_not_decide(tmp_path):
    """Nothing says which is later; the fuller one, or else always the same one, whatever the files are called."""
    won = []
    for values in ("", "7"), ("8", "9"):
        texts = [HEAD + f"2022-01-01;{value};Teréga;Teréga\n2022-01-02;5;Teréga;Teréga\n" for value in values]
        for names in (("first", "second"), ("second", "first")):
            (where := tmp_path / f"{len(won)}").mkdir()
            files = dict(zip((f"{GAS}_{name}.csv" for name in names), texts, strict=True))
            won.append({row["date"].day: row["stock_fin_de_journee"] for row in load(where, files)}[1])
    assert won[:2] == [7, 7] and won[2] == won[3]


def test_a_number_that_is_none_is_no_observation(tmp_path):
    files = {
        f"{GAS}_2022-01.parquet": gas(),
        f"{GAS}_2022-02.parquet": gas(stock_fin_de_journee=pa.array([float("nan")])),
    }
    assert load(tmp_path, files) == [ROW]


def test_a_name_that_states_a_month_does_not_beat_a_file_that_reaches_further(tmp_path):
    files = {
        f"{GAS}_asof-2022-12.csv": HEAD + "2022-01-01;1;Teréga;Teréga\n2022-10-31;1;Teréga;Teréga\n",
        f"{GAS}.csv": HEAD + "2022-01-01;2;Teréga;Teréga\n2025-10-31;2;Teréga;Teréga\n",
        # Cut to a day: what its name says counts, not how far it reaches.
        f"{GAS}_asof-2023-04.csv": HEAD + "2022-10-31;3;Teréga;Teréga\n",
    }
    found = {str(row["date"]): row["stock_fin_de_journee"] for row in load(tmp_path, files)}
    assert found == {"2022-01-01": 2, "2022-10-31": 3, "2025-10-31": 2}
    (tmp_path / f"{GAS}.csv").unlink()
    found = {str(row["date"]): row["stock_fin_de_journee"] for row in load(tmp_path, {})}
    assert found == {"2022-01-01": 1, "2022-10-31": 3}


@pytest.mark.parametrize("code", ["53.0", " 53 ", "53"])
def test_a_code_that_a_data_frame_has_written_is_the_same_region(tmp_path, code):
    """Two exports of one region and day are one row, although one of them writes whole numbers as decimals."""
    head, rest = "date;code_insee_region;region;tmin;tmax;tmoy;id\n", "Bretagne;1;3;{};x\n"
    files = {f"{TEMPERATURE}.csv": f"{head}2022-01-01;53;{rest.format(1.5)}",
             f"{TEMPERATURE} (1).csv": f"{head}2022-01-01;{code};{rest.format(2)}"}  # fmt: skip
    [row] = load(tmp_path, files, TEMPERATURE)
    assert (row["code_insee_region"], row["tmoy"]) == (53, 2.0)
