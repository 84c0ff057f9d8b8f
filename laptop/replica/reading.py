"""Reads one file of an ODRÉ export as a table, in any format that ODRÉ or a spreadsheet program writes.

The format is recognised by the first bytes of the file or, where these do not tell, by the ending of its name. A file
that cannot be read is refused with one line, which names the file, the column, row and value if there is one, and what
to do.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import json
import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from laptop.replica.columns import checked
from laptop.replica.refusing import AGAIN, UnreadableExport
from laptop.replica.schemas import Dataset

log = logging.getLogger(__name__)
Reader = Callable[[Path], pa.Table]
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def read_export(path: Path, dataset: Dataset) -> pa.Table:
    """The rows of a file, columns by their technical names, with ODRÉ's types where every value allows it.

    :raises UnreadableExport: the file is damaged, lacks a column that is needed, has one twice, or has a value that the
        pipeline could not read.
    """
    try:
        table = _reader(path)(path)
    except UnreadableExport:
        raise
    except (
        pa.ArrowException,
        CalamineError,
        csv.Error,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ) as error:
        cause = " ".join(str(error).split())[:200]
        raise UnreadableExport(f"{path.name} cannot be read ({cause}) → {AGAIN}") from error
    return checked(path, dataset, table)


def _reader(path: Path) -> Reader:
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PAR1"):
        return READERS[".parquet"]
    if head.startswith((b"PK\3\4", b"\xd0\xcf\x11\xe0")):
        return _read_workbook
    if b"\0" in head and not head.startswith(tuple(_BOMS)):
        raise ValueError("it is neither text nor a workbook nor Parquet")
    reader = READERS[path.suffix.lower()]
    if not head.strip():
        raise ValueError("it is empty")
    is_table = re.match(rb"[^\r\n]*[;,\t]", head)  # some programs write text into a file that ends with .xls
    return _read_csv if reader is _read_workbook and is_table else reader


def _read_csv(path: Path) -> pa.Table:
    """A text file separated by `;`, `,` or tab. It may be in UTF-8, in UTF-16 with a byte-order mark, or in Latin-1."""
    content = path.read_bytes()
    encoding = next((name for mark, name in _BOMS.items() if content.startswith(mark)), None)
    try:
        text = content.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding:
            raise
        log.info("%s is not in UTF-8 and is read as Latin-1", path.name)
        text = content.decode("cp1252", errors="replace")
    text = text.lstrip("\ufeff\r\n")
    header = re.split(r"[\r\n]", text, maxsplit=1)[0]
    delimiter = max(";,\t", key=header.count)
    written = next(csv.reader([header], delimiter=delimiter))
    names = [str(number) for number in range(len(written))]
    table = pyarrow.csv.read_csv(
        io.BytesIO(f"{text}\n".encode()),
        read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=1, use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )
    return table.rename_columns(written)


def _read_json(path: Path) -> pa.Table:
    """A list of rows, the API's `results`, or the API's records before v2.1, as a list or in `records`."""
    body = json.loads(path.read_text(encoding="utf-8-sig"))
    if isinstance(body, dict):
        body = body["results"] if "results" in body else body["records"]
    return _table([_fields(row) for row in body])


def _read_json_lines(path: Path) -> pa.Table:
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        try:
            rows += [_fields(json.loads(line))] if line.strip() else []
        except (ValueError, AttributeError, TypeError) as error:
            raise ValueError(f"line {number}: {error}") from None
    return _table(rows)


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    """The fields of a row. Before v2.1, the API nested them in `record` and `fields`."""
    for inside in ("record", "fields"):
        row = row[inside] if isinstance(row.get(inside), dict) else row
    return row


def _read_workbook(path: Path) -> pa.Table:
    """The first sheet of an XLSX or XLS file; its first row holds the headers."""
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    if not sheet:
        raise ValueError("its first sheet is empty")
    header, *rows = sheet
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    arrays = [_column([_cell(value) for value in column]) for column in columns]
    return pa.Table.from_arrays(arrays, names=[str(name).strip() for name in header])


def _cell(value: Any) -> Any:
    """A cell as in ODRÉ's other formats: null when empty, whole numbers without fraction, days and times as text."""
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.timedelta):
        value = (dt.datetime(1900, 1, 1) + value).time()
    if isinstance(value, dt.time):
        return f"{value:%H:%M:%S}".removesuffix(":00")
    return value.isoformat() if isinstance(value, (dt.datetime, dt.date)) else value


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: _column([row.get(name) for row in rows]) for name in names})


def _column(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values])


READERS: dict[str, Reader] = {
    ".csv": _read_csv,
    ".json": _read_json,
    ".jsonl": _read_json_lines,
    ".parquet": pq.read_table,
    ".xls": _read_workbook,
    ".xlsx": _read_workbook,
}

#: The number that a browser adds to the name of a second download: `X (1).csv`.
COPY = re.compile(r" ?\((\d+)\)$")
