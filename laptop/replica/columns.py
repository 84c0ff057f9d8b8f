"""Gives the columns of a downloaded export ODRÉ's technical names, and values that the pipeline can read.

Days, instants and clock times are brought into ODRÉ's own form (:mod:`laptop.replica.moments`). Other values are not
cleaned: a column that is text in one file and a number in another stays so.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from odre.contract import fold

from laptop.replica import moments
from laptop.replica.refusing import AGAIN, UnreadableExport, refuse
from laptop.replica.schemas import Dataset, Field, slug

log = logging.getLogger(__name__)
_NUMBER = r"^\s*([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|ND|nd|-|NaN|nan|null|None)?\s*$"
_GREATEST = 2.0**63
# UTF-8 that was read as Latin-1 ("TerÃ©ga"), or bytes of no known encoding.
_MOJIBAKE = "[\u00c2\u00c3][\u0080-\u00bf]|\ufffd"
#: The unit in brackets at the end of a header.
_UNIT = re.compile(r"\s*\(([^)]*)\)\s*$")
_AS_TEXT = (pa.types.is_large_string, pa.types.is_string_view, pa.types.is_binary, pa.types.is_large_binary,
            pa.types.is_binary_view)  # fmt: skip


def checked(path: Path, dataset: Dataset, table: pa.Table) -> pa.Table:
    """The rows of a file by the technical names of their columns, with ODRÉ's types where every value allows it.

    :raises UnreadableExport: the file lacks a column that is needed, has one twice, states another unit, or has a value
        that the pipeline could not read.
    """
    if not table.num_columns:  # a list of no rows
        return pa.schema([(field.name, field.arrow_type) for field in dataset.fields]).empty_table()
    table = _named(path, dataset, table)
    blank = _blank_rows(table)
    fields = [dataset.field(name) or Field(name, name, "") for name in table.column_names]
    # Instants come last, because the days and clock times of the rows tell in which zone they are.
    for field in sorted(fields, key=lambda field: field.type == "datetime"):
        if pa.types.is_nested(table[field.name].type):
            if dataset.field(field.name) is None:
                table = table.drop_columns([field.name])
                continue
            _refuse_nested(path, field.name, table[field.name])
        values = _typed(path, field, _plain(path, field.name, table[field.name]), table)
        _refuse_no_day(path, dataset, field, values, blank)
        table = table.set_column(table.column_names.index(field.name), field.name, values)
    return table.filter(pc.invert(blank)) if pc.any(blank).as_py() else table


def _refuse_no_day(path: Path, dataset: Dataset, field: Field, values: pa.ChunkedArray, blank: pa.ChunkedArray) -> None:
    """Refuse a row without a day. The API is filtered on days and instants, so no answer would ever have this row."""
    if field.name not in (*dataset.key, *dataset.needed):
        return
    if field.type in ("date", "datetime") or field.name == "date":
        lost = pc.and_(values.is_null(), pc.invert(blank))
        refuse(path, field.name, values, lost, "is no day, which every row needs")
    if field.type == "date" and field.name in dataset.needed and pa.types.is_string(values.type):
        short = pc.less(pc.utf8_length(values), 10)
        refuse(path, field.name, values, short, "is no day written YYYY-MM-DD")


def _named(path: Path, dataset: Dataset, table: pa.Table) -> pa.Table:
    """The table with its columns under their technical names. Columns without a header are dropped as not ODRÉ's."""
    table = table.select([n for n, name in enumerate(table.column_names) if name.strip()])
    headers = table.column_names
    _refuse_other_units(path, dataset, headers)
    known = {fold(header): name for header, name in dataset.also}
    known |= {fold(header): field.name for field in dataset.fields for header in (field.label, field.name)}
    names = [known.get(fold(header), header) for header in headers]
    same = [name.casefold() for name in names]
    counted = Counter(same)
    if twice := next((name for name, plain in zip(names, same, strict=True) if counted[plain] > 1), None):
        meaning = [old for old, new in zip(headers, same, strict=True) if new == twice.casefold()]
        raise UnreadableExport(f"{path.name}: the headers {' and '.join(meaning)} both mean {twice} → remove one")
    for wanted, why in (dataset.key, f"identifies a row of {dataset.id}"), (dataset.needed, "the numbers need"):
        if absent := [name for name in wanted if name not in names]:
            has = ", ".join(header if header.isprintable() else ascii(header) for header in headers[:8])
            raise UnreadableExport(
                f"{path.name}: no column {', '.join(absent)}, which {why} (it has {has[:300]}) → export all columns"
            )
    return table.rename_columns(names)


def _refuse_other_units(path: Path, dataset: Dataset, headers: list[str]) -> None:
    known = {slug(name) for field in dataset.fields for name in (field.label, field.name)}
    labels = {fold(name): field.label for field in dataset.fields if _UNIT.search(field.label)
              for name in (field.label, field.name)}  # fmt: skip
    for header in headers:
        label, stated = labels.get(fold(header)), _UNIT.search(header)
        if not label or not stated or slug(header) in known:
            continue
        own = _UNIT.findall(label)[0]
        if slug(stated[1]) in (slug(own), slug(own.split()[0])):  # `GWh PCS 0°C`, or its first word, `GWh`
            continue
        raise UnreadableExport(
            f"{path.name}: the header {header} states another unit than ODRÉ's {label} → "
            "convert the values and rename the header, or " + AGAIN
        )


def _blank_rows(table: pa.Table) -> pa.ChunkedArray:
    """Whether each row is without any value. Spreadsheet programs leave such rows at the end."""
    blank = pa.chunked_array([pa.repeat(True, table.num_rows)])
    for column in table.columns:
        if not pc.any(blank).as_py():
            break
        blank = pc.and_(blank, column.is_null())
    return blank


def _plain(path: Path, name: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values in one of the few Arrow types that the rest of the replica can read."""
    try:
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        if pa.types.is_fixed_size_binary(values.type):
            values = values.cast(pa.binary())
        if any(is_kind(values.type) for is_kind in _AS_TEXT):
            return values.cast(pa.string())
        if pa.types.is_floating(values.type):  # data frames write NaN where a number is missing
            return pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
        return values.cast(pa.float64()) if pa.types.is_decimal(values.type) else values
    except pa.ArrowException as error:
        cause = " ".join(str(error).split())[:200]
        raise UnreadableExport(f"{path.name}: column {name} cannot be read ({cause}) → {AGAIN}") from None


def _typed(path: Path, field: Field, values: pa.ChunkedArray, table: pa.Table) -> pa.ChunkedArray:
    if not field.type or pa.types.is_null(values.type):
        return values.cast(field.arrow_type) if field.type else values
    if field.type == "date" or field.name == "date":
        return moments.days(path, field, values)
    if field.type == "datetime":
        return moments.instants(path, field.name, values, table)
    if field.name == "heure" and "date_heure" in table.column_names:
        values = moments.clock_times(path, field.name, values)
    if _is_measure(field):
        _refuse_no_numbers(path, field.name, values)
    elif pa.types.is_string(values.type):
        refuse(path, field.name, values, pc.match_substring_regex(values, _MOJIBAKE), "is text in another encoding")
    if values.type == field.arrow_type or field.type == "text":
        return values
    if pa.types.is_string(values.type) and pa.types.is_integer(field.arrow_type):
        # Data frames write whole numbers as `12.0` when some are missing.
        values = pc.replace_substring_regex(values, r"^\s*([+-]?\d+)(\.0+)?\s*$", r"\1")
    try:
        return values.cast(field.arrow_type)
    except pa.ArrowException:
        log.info("%s: column %s stays %s", path.name, field.name, values.type)
        return values


def _is_measure(field: Field) -> bool:
    """Whether a field holds numbers. ODRÉ declares some fields of numbers as text; these have a unit in their label."""
    return field.type in ("int", "double") or (field.type == "text" and "(MW)" in field.label)


def _refuse_nested(path: Path, name: str, values: pa.ChunkedArray) -> None:
    row = pc.index(values.is_valid(), True).as_py()
    shown = repr(values[row].as_py()) if row >= 0 else str(values.type)
    raise UnreadableExport(
        f"{path.name}: column {name}, row {row + 1}: {shown} is no single value → export it as ODRÉ has it"
    )


def _refuse_no_numbers(path: Path, name: str, values: pa.ChunkedArray) -> None:
    expected = "is no number, or one of more than 64 bits"
    if pa.types.is_string(values.type):
        refuse(path, name, values, pc.invert(pc.match_substring_regex(values, _NUMBER)), expected)
        digits = pc.if_else(pc.match_substring_regex(values, r"\d"), values, pa.scalar(None, pa.string()))
        numbers = pc.utf8_trim_whitespace(digits).cast(pa.float64())
    elif pa.types.is_floating(values.type) or pa.types.is_integer(values.type):
        numbers = values.cast(pa.float64(), safe=False)
    else:
        refuse(path, name, values, values.is_valid(), expected)
        return
    refuse(path, name, values, pc.greater_equal(pc.abs(numbers), _GREATEST), expected)
