"""A folder of exports is served as it is: which file wins, which formats are read, and which files are refused."""

import datetime as dt
import zipfile

import pyarrow as pa
import pytest

from laptop.replica import folder
from laptop.replica.refusing import UnreadableExport

GAS = "stock-quotidien-stockages-gaz"
MIX = "eco2mix-national-tr"


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
