"""Casts to the contract's types.

Numbers may come as text, and missing values as `ND`, `-` or nothing. A value that cannot be cast is an error that names
column, rows and value; nothing is guessed.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timezone

import pyarrow as pa
import pyarrow.compute as pc

from odre.contract import Contract
from odre.contract_columns import Column

MISSING = pa.array(["", "-", "ND", "nd", "NaN", "nan", "null", "None"])
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})$"
# Years that both Python and BigQuery can represent.
_FIRST_DAY, _LAST_DAY = date(1, 1, 1), date(9999, 12, 31)
# UTF-8 that was read as Latin-1 ("TerÃ©ga"), or bytes that were not UTF-8.
_MOJIBAKE = "[\u00c2\u00c3][\u0080-\u00bf]|\ufffd"


class CastError(ValueError):
    """Values that cannot be read as the column's type.

    :param indices: positions of these values in the array given; empty when they are not known.
    :param value: the first of them.
    """

    def __init__(self, column: Column, indices: list[int], value: object, expected: str) -> None:
        super().__init__(f"column {column.name}: expected {expected}, got {value!r}")
        self.column, self.indices, self.value, self.expected = column, indices, value, expected


def cast_batch(batch: pa.Table, contract: Contract, schema: pa.Schema) -> pa.Table:
    """`batch` with all columns of the contract, in order and cast; columns that it does not have are null.

    :param schema: the contract's Arrow schema, with metadata or without.
    :raises CastError: a column has values that cannot be cast.
    """
    columns = []
    for column in contract.columns:
        target = schema.field(column.name).type
        if column.name not in batch.column_names:
            columns.append(pa.nulls(batch.num_rows, target))
            continue
        values = batch[column.name].combine_chunks()
        values = values if isinstance(values, pa.Array) else pa.concat_arrays(values.chunks)
        columns.append(cast_column(values, column, target))
    return pa.Table.from_arrays(columns, schema=schema)


def cast_column(values: pa.Array, column: Column, target: pa.DataType) -> pa.Array:
    """`values` as `target`, missing values as null.

    :raises CastError: some values cannot be cast.
    """
    if pa.types.is_null(values.type):
        return pa.nulls(len(values), target)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_nested(values.type):
        _refuse(values.is_valid(), values, column, "a single value")
        return pa.nulls(len(values), target)
    values = _plain_text(values, column)
    text = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
    return _cast_distinct(values, column, target) if text else _cast(values, column, target)


def _plain_text(values: pa.Array, column: Column) -> pa.Array:
    """Text in the Arrow type that all functions accept; other values stay as they are."""
    kinds = (pa.types.is_string_view, pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
    if not any(kind(values.type) for kind in kinds):
        return values
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid as error:
        raise CastError(column, [], str(error), "valid UTF-8") from None


def _cast_distinct(values: pa.Array, column: Column, target: pa.DataType) -> pa.Array:
    """Cast text, each distinct value once, because parsing text takes longer than finding repeated values."""
    encoded = values.dictionary_encode()
    try:
        return _cast(encoded.dictionary, column, target).take(encoded.indices)
    except CastError as error:
        if not error.indices:
            raise
        bad = pc.is_in(encoded.indices, pa.array(error.indices, encoded.indices.type))
        rows = pc.indices_nonzero(bad).to_pylist()
        raise CastError(column, rows, values[rows[0]].as_py(), error.expected) from None


def _cast(values: pa.Array, column: Column, target: pa.DataType) -> pa.Array:
    text = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
    if pa.types.is_string(target):
        return _to_text(values if text else values.cast(pa.string()), column)
    if text:
        values = _without_missing(values.cast(pa.string()))
    if pa.types.is_floating(target) or pa.types.is_integer(target):
        return _to_number(values, column, target, text)
    if pa.types.is_date(target):
        return _to_date(values, column, text)
    return _to_timestamp(values, column, target, text)


def _to_text(values: pa.Array, column: Column) -> pa.Array:
    try:
        values.validate(full=True)
    except pa.ArrowInvalid as error:
        raise CastError(column, [], str(error), "valid UTF-8") from None
    _refuse(pc.match_substring_regex(values, _MOJIBAKE), values, column, "readable UTF-8 text")
    # Text that looks the same must be the same, because keys are compared as text. Python normalises it, because
    # pyarrow's NFC decomposes characters instead of composing them.
    composed = [None if value is None else unicodedata.normalize("NFC", value) for value in values.to_pylist()]
    values = pc.utf8_trim_whitespace(pa.array(composed, pa.string()))
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)


def _to_number(values: pa.Array, column: Column, target: pa.DataType, text: bool) -> pa.Array:
    if text:
        _refuse_unmatched(values, _NUMBER, column, "a number")
        values = values.cast(pa.float64())
    elif not (
        pa.types.is_integer(values.type) or pa.types.is_floating(values.type) or pa.types.is_decimal(values.type)
    ):
        _refuse(values.is_valid(), values, column, "a number")
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
        _refuse(pc.is_inf(values), values, column, "a finite number")
        if pa.types.is_integer(target):
            _refuse(pc.not_equal(values, pc.round(values)), values, column, "a whole number")
    try:
        return values.cast(target)
    except pa.ArrowInvalid:
        raise _first_uncastable(values, column, target, "a number of 64 bits") from None


def _to_date(values: pa.Array, column: Column, text: bool) -> pa.Array:
    if text:
        _refuse_unmatched(values, _DAY, column, "a date written YYYY-MM-DD")
    elif not (pa.types.is_date(values.type) or pa.types.is_timestamp(values.type)):
        _refuse(values.is_valid(), values, column, "a date")
    try:
        days = values.cast(pa.date32())
    except pa.ArrowInvalid:
        raise _first_uncastable(values, column, pa.date32(), "a day of the calendar") from None
    outside = pc.or_(pc.less(days, pa.scalar(_FIRST_DAY)), pc.greater(days, pa.scalar(_LAST_DAY)))
    _refuse(outside, values, column, "a day of the years 1 to 9999")
    return days


def _to_timestamp(values: pa.Array, column: Column, target: pa.DataType, text: bool) -> pa.Array:
    if text:
        _refuse_unmatched(values, _INSTANT, column, "an instant with its offset, such as 2024-01-31T10:00:00+01:00")
    elif not pa.types.is_timestamp(values.type):
        _refuse(values.is_valid(), values, column, "an instant")
    elif values.type.tz is None:  # exports are asked for in UTC
        values = pc.assume_timezone(values, "UTC")
    try:
        instants = values.cast(target)
    except pa.ArrowInvalid:
        raise _first_uncastable(values, column, target, "an instant of the calendar") from None
    first, last = (
        pa.scalar(datetime(day.year, day.month, day.day, tzinfo=timezone.utc), target)
        for day in (_FIRST_DAY, _LAST_DAY)
    )
    outside = pc.or_(pc.less(instants, first), pc.greater(instants, last))
    _refuse(outside, values, column, "an instant of the years 1 to 9999")
    return instants


def _without_missing(values: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.is_in(trimmed, MISSING), pa.scalar(None, pa.string()), trimmed)


def _refuse_unmatched(values: pa.Array, pattern: str, column: Column, expected: str) -> None:
    _refuse(pc.invert(pc.match_substring_regex(values, pattern)), values, column, expected)


def _refuse(bad: pa.Array, values: pa.Array, column: Column, expected: str) -> None:
    if pc.any(bad).as_py():
        indices = pc.indices_nonzero(pc.fill_null(bad, False)).to_pylist()
        raise CastError(column, indices, readable(values[indices[0]]), expected)


def readable(value: pa.Scalar) -> object:
    """A value as Python represents it, or as text where Python cannot represent the day or the instant."""
    try:
        return value.as_py()
    except (OverflowError, ValueError):
        return value.cast(pa.string()).as_py()


def _first_uncastable(values: pa.Array, column: Column, target: pa.DataType, expected: str) -> CastError:
    for index in range(len(values)):
        try:
            values.slice(index, 1).cast(target)
        except pa.ArrowInvalid:
            return CastError(column, [index], readable(values[index]), expected)
    raise AssertionError("pyarrow refused the array, but casts each of its values")
