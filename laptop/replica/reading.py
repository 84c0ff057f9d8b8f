"""One file of an ODRÉ export as a table, whatever ODRÉ or a spreadsheet program wrote it as.

Values are not cleaned: what is text in one file and a number in another stays so. What cannot be read is refused in
one line that names the file, the column, the row and the value, and what to do.
"""

from __future__ import annotations

import codecs
import datetime as dt
import io
import json
import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from laptop.replica.schemas import Dataset, Field, slug

log = logging.getLogger(__name__)
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# Datasets of months or years write their dates in these shorter forms.
_DAY = r"^\s*(([1-9]\d{3}|\d[1-9]\d{2}|\d{2}[1-9]\d|\d{3}[1-9])(-\d{2}(-\d{2}([T ].*)?)?)?)?\s*$"
_NUMBER = r"^\s*([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|ND|nd|-|NaN|nan|null|None)?\s*$"
_GREATEST = 2.0**63
#: What stands in brackets at the end of a header: its unit.
_UNIT = re.compile(r"\s*\(([^)]*)\)\s*$")
_AGAIN = "download the export again from ODRÉ, and do not save it from a spreadsheet program"


class UnreadableExport(ValueError):
    """A file of the folder cannot be read; the message names it and says why, and what to do."""


def read_export(path: Path, dataset: Dataset) -> pa.Table:
    """The rows of a file, columns by their technical names, with ODRÉ's types where every value allows it.

    :raises UnreadableExport: the file is damaged, lacks a column of the key, has one twice, or has days in another
        form than YYYY-MM-DD.
    """
    try:
        table = READERS[path.suffix.lower()](path)
    except (pa.ArrowException, CalamineError, OSError, ValueError, KeyError, TypeError) as error:
        cause = " ".join(str(error).split())[:200]
        raise UnreadableExport(f"{path.name} cannot be read ({cause}) → {_AGAIN}") from error
    labels = {slug(field.label): field.name for field in dataset.fields}
    _refuse_other_units(path, dataset, table.column_names)
    names = [labels.get(slug(name), name) for name in table.column_names]
    if twice := next((name for name in names if names.count(name) > 1), None):
        headers = [old for old, new in zip(table.column_names, names, strict=True) if new == twice]
        raise UnreadableExport(f"{path.name}: the headers {' and '.join(headers)} both mean {twice} → remove one")
    if absent := [name for name in dataset.key if name not in names]:
        raise UnreadableExport(
            f"{path.name}: no column {', '.join(absent)}, which identifies a row of {dataset.id} "
            f"(it has {', '.join(table.column_names[:8])}) → export all columns"
        )
    return _typed(path, dataset, table.rename_columns(names))


def _typed(path: Path, dataset: Dataset, table: pa.Table) -> pa.Table:
    for position, name in enumerate(table.column_names):
        field = dataset.field(name)
        if field is None:
            continue
        _refuse_nested(path, name, table[name])
        _refuse_other_days(path, name, field.type, table[name])
        if _is_measure(field):
            _refuse_no_numbers(path, name, table[name])
        if table[name].type == field.arrow_type or field.type == "text":
            continue
        try:
            table = table.set_column(position, name, table[name].cast(field.arrow_type))
        except pa.ArrowException:
            log.info("%s: column %s stays %s", path.name, name, table[name].type)
    return table


def _is_measure(field: Field) -> bool:
    """Whether a field holds numbers. ODRÉ declares some measures as text; they are recognised by the unit in their
    label."""
    return field.type in ("int", "double") or (field.type == "text" and "(MW)" in field.label)


def _refuse_other_units(path: Path, dataset: Dataset, headers: list[str]) -> None:
    known = {slug(name) for field in dataset.fields for name in (field.label, field.name)}
    by_base = {slug(_UNIT.sub("", field.label)): field.label for field in dataset.fields if _UNIT.search(field.label)}
    for header in headers:
        label = by_base.get(slug(_UNIT.sub("", header)))
        if label and _UNIT.search(header) and slug(header) not in known:
            raise UnreadableExport(
                f"{path.name}: the header {header} states another unit than ODRÉ's {label} → "
                "convert the values and rename the header, or " + _AGAIN
            )


def _refuse_nested(path: Path, name: str, values: pa.ChunkedArray) -> None:
    if pa.types.is_nested(values.type):
        row = pc.index(values.is_valid(), True).as_py()
        shown = repr(values[row].as_py()) if row >= 0 else str(values.type)
        raise UnreadableExport(
            f"{path.name}: column {name}, row {row + 1}: {shown} is no single value → export it as ODRÉ has it"
        )


def _refuse_no_numbers(path: Path, name: str, values: pa.ChunkedArray) -> None:
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        bad = pc.invert(pc.match_substring_regex(values, _NUMBER))
        row = pc.index(bad, True).as_py()
        if row < 0:
            numbers = pc.if_else(pc.match_substring_regex(values, r"\d"), values, None).cast(pa.float64())
            row = pc.index(pc.greater_equal(pc.abs(numbers), _GREATEST), True).as_py()
    elif pa.types.is_floating(values.type):
        row = pc.index(pc.greater_equal(pc.abs(values), _GREATEST), True).as_py()
    else:
        return
    if row >= 0:
        raise UnreadableExport(
            f"{path.name}: column {name}, row {row + 1}: {values[row].as_py()!r} is no number, or one of more than 64 "
            f"bits → {_AGAIN}"
        )


def _refuse_other_days(path: Path, name: str, kind: str, values: pa.ChunkedArray) -> None:
    """Refuse days in the notation of a country, which spreadsheet programs write, because each could mean two days."""
    text = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
    if not text or (kind not in ("date", "datetime") and name != "date"):
        return
    row = pc.index(pc.invert(pc.match_substring_regex(values, _DAY)), True).as_py()
    if row >= 0:
        value = values[row].as_py()
        raise UnreadableExport(
            f"{path.name}: column {name}, row {row + 1}: {value!r} is no day written YYYY-MM-DD → {_AGAIN}"
        )


def _read_csv(path: Path) -> pa.Table:
    """Separated by `;`, `,` or tab; in UTF-8, in UTF-16 with a byte-order mark, or else in Latin-1."""
    content = path.read_bytes()
    encoding = next((name for mark, name in _BOMS.items() if content.startswith(mark)), None)
    try:
        text = content.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding:
            raise
        log.info("%s is not in UTF-8 and is read as Latin-1", path.name)
        text = content.decode("cp1252", errors="replace")
    header = text.split("\n", 1)[0].rstrip("\r")
    delimiter = max(";,\t", key=header.count)
    names = [name.strip('"') for name in header.split(delimiter)]
    return pyarrow.csv.read_csv(
        io.BytesIO(text.encode()),
        read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=1),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )


def _read_json(path: Path) -> pa.Table:
    """A list of rows, `results` of the API's records, or `records[].fields` of the API before v2."""
    body = json.loads(path.read_text(encoding="utf-8-sig"))
    return _table(body if isinstance(body, list) else body.get("results") or [r["fields"] for r in body["records"]])


def _read_json_lines(path: Path) -> pa.Table:
    return _table([json.loads(line) for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()])


def _read_workbook(path: Path) -> pa.Table:
    """The first sheet of an XLSX or XLS file; its first row holds the headers."""
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    names = [str(name).strip() for name in header]
    return _table([dict(zip(names, map(_cell, row), strict=True)) for row in rows])


def _cell(value: Any) -> Any:
    """A cell as ODRÉ's other formats have it: empty as null, whole numbers without fraction, days and times as text."""
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, (dt.datetime, dt.date)) else value


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: _column([row.get(name) for row in rows]) for name in names})


def _column(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values])


READERS: dict[str, Callable[[Path], pa.Table]] = {
    ".csv": _read_csv,
    ".json": _read_json,
    ".jsonl": _read_json_lines,
    ".parquet": pq.read_table,
    ".xls": _read_workbook,
    ".xlsx": _read_workbook,
}

#: What stands before the ending in the name of a second download: `X (1).csv`.
COPY = re.compile(r" ?\((\d+)\)$")
