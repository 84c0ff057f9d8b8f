"""The replica: deterministic, balanced, and as full of traps as the source."""

import datetime as dt
import hashlib
import json
import zipfile

import duckdb
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient
from odre.contract import load_contract

from laptop.replica import described, folder, odsql, synthetic
from laptop.replica.reading import UnreadableExport
from laptop.replica.schemas import ECO2MIX_TR
from laptop.replica.server import Catalogue, application


@pytest.fixture(scope="module")
def tables():
    return synthetic.sample(
        start=dt.date(2022, 3, 1), real_time_start=dt.date(2022, 9, 1), as_of=dt.datetime(2023, 4, 5, 9, 30)
    )


@pytest.fixture(scope="module")
def mix(tables):
    return tables["eco2mix-national-tr"]


def ask(sql: str, **tables: pa.Table):
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(sql).fetchone()


def digest(tables) -> str:
    sink = pa.BufferOutputStream()
    for table in tables.values():
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()


def test_the_sample_is_the_same_every_time():
    made = [synthetic.sample(start=dt.date(2023, 12, 1)) for _ in range(2)]
    assert digest(made[0]) == digest(made[1])


def test_the_balance_is_exact(mix):
    worst, rows = ask(
        "select max(abs(consommation - (fioul + charbon + gaz + nucleaire + eolien + solaire + hydraulique + pompage "
        "+ bioenergies + ech_physiques))), count(*) from mix where consommation is not null", mix=mix)  # fmt: skip
    assert worst == 0 and rows > 10_000


@pytest.mark.parametrize(
    ("trap", "condition"),
    [
        ("forecast-only rows ahead", "consommation is null and prevision_j1 is not null and date_heure > '2023-04-05 10:00+02'"),
        ("no same-day forecast for tomorrow", "date = '2023-04-06' and prevision_j is null"),
        ("exchanges null at :15", "heure like '%:15' and ech_comm_espagne is null and consommation is not null"),
        ("exchanges ahead of production", "consommation is null and ech_comm_espagne is not null"),
        ("missing written ND", "eolien_terrestre = 'ND'"),
        ("missing written -", "eolien_terrestre = '-'"),
        ("numbers as text", "try_cast(stockage_batterie as bigint) < 0"),
        ("slightly negative turbine", "fioul_tac < 0"),
        ("clock times that do not exist", "date = '2023-03-26' and heure between '02:00' and '02:45'"),
        ("an empty column", "column_68 is null"),
    ],
)  # fmt: skip
def test_traps_of_the_mix(mix, trap, condition):
    assert ask(f"select count(*) from mix where {condition}", mix=mix)[0] > 0, trap


def test_spring_pairs_conflict_and_october_is_an_hour_short(mix):
    pairs, conflicting = ask(
        "select count(*), count(*) filter (forecasts > 1) from (select date_heure, count(distinct prevision_j1) as forecasts "
        "from mix where date = '2023-03-26' group by 1 having count(*) = 2)", mix=mix)  # fmt: skip
    assert 3 <= pairs <= 4 and conflicting > 0  # a quarter-hour may be missing
    assert (
        ask(
            "select count(*) from mix where date_heure >= '2022-10-30 00:00+00' and date_heure < '2022-10-30 01:00+00'",
            mix=mix,
        )[0]
        == 0
    )


def test_traps_of_the_others(tables):
    late = ask(
        "select max(date) filter (source = 'Storengy'), max(date) filter (source = 'Teréga') from t",
        t=tables["stock-quotidien-stockages-gaz"],
    )
    assert (late[0] - late[1]).days >= 28
    labels = ask(
        "select count(distinct region) from t where code_insee_region = 11",
        t=tables["temperature-quotidienne-regionale"],
    )
    assert labels == (2,)
    gaps = ask(
        "select datediff('day', min(date), max(date)) + 1 - count(distinct date) from t",
        t=tables["temperature-quotidienne-regionale"],
    )
    assert gaps[0] > 0


def test_history_is_half_hourly_and_ends_where_real_time_begins(tables, mix):
    odd, last = ask(
        "select count(*) filter (heure like '%:15' and consommation is not null), max(date) from t",
        t=tables["eco2mix-national-cons-def"],
    )
    assert odd == 0 and last == "2022-08-31" and ask("select min(date) from mix", mix=mix) == ("2022-09-01",)


@pytest.mark.parametrize(
    "query", ["date > date'2022-01-01'", "nowhere = 1", "date_heure >= date'yesterday'", "consommation ~ 3"]
)
def test_bad_queries_are_refused(query):
    with pytest.raises(odsql.ODSQLError):
        odsql.where(query, ECO2MIX_TR)


def test_real_exports_are_served_as_they_are(real_exports):
    tables = folder.load(real_exports)
    assert tables["eco2mix-national-tr"].num_rows == 2_976 + 97
    assert tables["stock-quotidien-stockages-gaz"].num_rows == 26_298
    assert tables["temperature-quotidienne-regionale"].num_rows == 46_332
    assert pa.types.is_string(tables["eco2mix-national-tr"].schema.field("eolien_offshore").type)


def test_the_newest_snapshot_wins_and_nothing_is_lost(tmp_path):
    name = "stock-quotidien-stockages-gaz"
    (tmp_path / f"{name}_asof-2022-01.csv").write_text(
        "date;stock_fin_de_journee;source;pits\n2022-01-01;1.0;Storengy;Saline\n2022-01-02;2.0;Storengy;Saline\n"
    )
    (tmp_path / f"{name}_asof-2022-02.csv").write_text(
        "﻿Date,Stock fin de journée (GWh PCS 0°C),Source,PITS\n2022-01-02,2.5,Storengy,Saline\n"
    )
    (tmp_path / "notes.txt").write_text("not an export")
    table = folder.load(tmp_path)[name]
    assert sorted(zip(map(str, table["date"].to_pylist()), table["stock_fin_de_journee"].to_pylist(), strict=True)) == [
        ("2022-01-01", 1.0),
        ("2022-01-02", 2.5),
    ]


def test_an_unreadable_export_is_named(tmp_path):
    (tmp_path / "eco2mix-national-tr_broken.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(UnreadableExport, match=r"eco2mix-national-tr_broken\.parquet"):
        folder.load(tmp_path)


CATALOGUE = {
    "dataset_id": "consommation-annuelle",
    "metas": {
        "default": {"title": "Consommation annuelle", "publisher": "Somebody", "license": "Licence Ouverte v2.0"}
    },
    "fields": [
        {"name": "jour", "label": "Jour", "type": "date", "description": None},
        {"name": "energie", "label": "Énergie (GWh)", "type": "double", "description": "Energy of the day."},
        {"name": "lieu", "label": "Lieu", "type": "geo_point_2d", "description": None},
    ],
}


@pytest.mark.parametrize("form", ["one answer", "a list", "a listing"])
def test_a_catalogue_file_makes_a_dataset_known(tmp_path, form):
    body = {"one answer": CATALOGUE, "a list": [CATALOGUE], "a listing": {"total_count": 1, "results": [CATALOGUE]}}[
        form
    ]
    (tmp_path / "catalogue.json").write_text(json.dumps(body))
    (tmp_path / "consommation-annuelle.csv").write_text("Jour;Énergie (GWh)\n2024-01-01;1200.5\n")
    known = described.known_datasets(tmp_path / "catalogue.json")
    tables = folder.load(tmp_path, known)
    assert tables["consommation-annuelle"].to_pylist() == [{"jour": dt.date(2024, 1, 1), "energie": 1200.5}]
    with TestClient(application(Catalogue(tables, synthetic=False, known=known))) as client:
        listing = client.get("/api/explore/v2.1/catalog/datasets", params={"limit": 100}).json()
        assert "consommation-annuelle" in {answer["dataset_id"] for answer in listing["results"]}
        assert listing["total_count"] == len(known)
        fields = client.get("/api/explore/v2.1/catalog/datasets/consommation-annuelle").json()["fields"]
        assert fields == CATALOGUE["fields"][:2]


def test_a_file_that_is_no_catalogue_is_named(tmp_path):
    (tmp_path / "catalogue.json").write_text('{"message": "Unknown dataset"}')
    with pytest.raises(described.UnreadableCatalogue, match=r"catalogue\.json is not a catalogue .* → save the answer"):
        described.known_datasets(tmp_path / "catalogue.json")


def test_a_further_contract_is_served_with_rows_of_every_key():
    contract = load_contract("eco2mix_national_tr").model_copy(update={"dataset_id": "eco2mix-regional-tr"})
    dataset = described.from_contract(contract)
    assert [(f.name, f.type) for f in dataset.fields][2:5] == [
        ("date", "date"),
        ("heure", "text"),
        ("date_heure", "datetime"),
    ]
    table = synthetic.sample(dt.date(2023, 12, 30), contracts=[contract])[contract.dataset_id]
    assert table.schema.names == [field.name for field in dataset.fields]
    days, rows, keys, entities = ask(
        "select count(distinct date), count(*), count(distinct (perimetre, date, heure)), count(distinct perimetre) from t", t=table)  # fmt: skip
    assert (days, rows, keys, entities) == (3, 3 * 96 * 3, 3 * 96 * 3, 3)
    assert ask("select count(*) from t where strftime(date_heure at time zone 'Europe/Paris', '%Y-%m-%d%H:%M') <> date || heure", t=table) == (0,)  # fmt: skip


GAS = "stock-quotidien-stockages-gaz"
MIX = "eco2mix-national-tr"


def gas_csv(*rows: str) -> str:
    return "\n".join(["date;stock_fin_de_journee;source;pits", *rows]) + "\n"


def test_a_second_download_beats_the_first_and_reaching_further_beats_both(tmp_path):
    (tmp_path / f"{GAS}.csv").write_text(gas_csv("2022-01-01;1;Storengy;Saline"))
    (tmp_path / f"{GAS} (1).csv").write_text(gas_csv("2022-01-01;2;Storengy;Saline"))
    assert folder.load(tmp_path)[GAS]["stock_fin_de_journee"].to_pylist() == [2.0]
    (tmp_path / f"{GAS}_old name.csv").write_text(
        gas_csv("2022-01-01;3;Storengy;Saline", "2022-01-02;3;Storengy;Saline")
    )
    assert folder.load(tmp_path)[GAS]["stock_fin_de_journee"].to_pylist() == [3.0, 3.0]


def test_observed_beats_forecast_and_mature_beats_provisional_whatever_the_files_are_called(tmp_path):
    def row(nature: str, consumption: str, day: str = "2023-01-01") -> str:
        return f"France;{nature};{day};00:00;{day}T00:00:00+01:00;{consumption}\n"

    head = "perimetre;nature;date;heure;date_heure;consommation\n"
    (tmp_path / f"{MIX}_2023-01.csv").write_text(head + row("Données temps réel", "5"))
    (tmp_path / f"{MIX}_2023-09.csv").write_text(head + row("Données temps réel", ""))
    assert folder.load(tmp_path)[MIX]["consommation"].to_pylist() == [5]
    (tmp_path / f"{MIX}_2022-01.csv").write_text(head + row("Données consolidées", "6"))
    assert folder.load(tmp_path)[MIX]["consommation"].to_pylist() == [6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_a_csv_is_read_in_every_encoding(tmp_path, encoding):
    text = "Date;Stock fin de journée (GWh PCS 0°C);Source;PITS\n2022-01-01;1.5;Teréga;Teréga\n"
    (tmp_path / f"{GAS}.csv").write_bytes(text.encode(encoding))
    assert folder.load(tmp_path)[GAS].to_pylist() == [
        {"date": dt.date(2022, 1, 1), "stock_fin_de_journee": 1.5, "source": "Teréga", "pits": "Teréga"}
    ]


def test_every_file_is_listed_as_used_or_ignored(tmp_path):
    for name in (f"{GAS}.csv", "notes.txt", "other.csv", f"{GAS}2.csv"):
        (tmp_path / name).write_text(gas_csv("2022-01-01;1;Storengy;Saline"))
    (tmp_path / "sub").mkdir()
    assert [str(file) for file in folder.survey(tmp_path)] == [
        "notes.txt: ignored, its ending is none of .csv, .json, .jsonl, .parquet, .xls, .xlsx",
        "other.csv: ignored, its name begins with no dataset id",
        f"{GAS}.csv: used for {GAS}",
        f"{GAS}2.csv: ignored, its name begins with no dataset id",
        "sub: ignored, it is a folder",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (gas_csv("01/02/2022;1;Storengy;Saline"), r"X\.csv: column date, row 1: '01/02/2022' is no day written YYYY-MM-DD → "),
        ("date;stock_fin_de_journee\n2022-01-01;1\n", r"X\.csv: no column pits, which identifies a row .* → export all columns"),
        ("date;Date;pits\n2022-01-01;2022-01-01;a\n", r"X\.csv: the headers date and Date both mean date → remove one"),
        ("", r"X\.csv cannot be read \(.*\) → download the export again"),
    ],
)  # fmt: skip
def test_a_refusal_names_file_column_row_value_and_cure(tmp_path, text, says):
    (tmp_path / f"{GAS}_X.csv").write_text(text)
    with pytest.raises(UnreadableExport, match=says):
        folder.load(tmp_path)


def write_workbook(path, rows) -> None:
    """An XLSX file of one sheet: texts, numbers, and days as the numbers that a spreadsheet program has for them."""

    def cell(value) -> str:
        if isinstance(value, dt.date):
            return f'<c s="1"><v>{(value - dt.date(1899, 12, 30)).days}</v></c>'
        return f"<c><v>{value}</v></c>" if isinstance(value, float) else f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    sheet = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
        f'<Override PartName="/xl/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="a" Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets><sheet name="s" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="b" Type="{relation}/worksheet" Target="sheet1.xml"/>'
        f'<Relationship Id="c" Type="{relation}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as file:
        for name, text in parts.items():
            file.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')


def test_a_workbook_is_read_and_mixes_with_other_formats(tmp_path):
    head = ["Date", "Stock fin de journée (GWh PCS 0°C)", "Source", "PITS"]
    write_workbook(tmp_path / f"{GAS} (1).XLSX", [head, [dt.date(2022, 1, 1), 2.0, "Teréga", "Teréga"]])
    (tmp_path / f"{GAS}.csv").write_text(gas_csv("2022-01-01;1;Teréga;Teréga"))
    assert folder.load(tmp_path)[GAS].to_pylist() == [
        {"date": dt.date(2022, 1, 1), "stock_fin_de_journee": 2.0, "source": "Teréga", "pits": "Teréga"}
    ]
