"""Brings days, instants and clock times of an export into the form that ODRÉ writes. Spreadsheet programs and libraries
write them in other forms, and rows of several files are compared by them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from laptop.replica.refusing import refuse
from laptop.replica.schemas import Field

_PARIS = ZoneInfo("Europe/Paris")
_YEAR = r"([1-9]\d{3}|\d[1-9]\d{2}|\d{2}[1-9]\d|\d{3}[1-9])"
_OFFSET = r"(Z|[+-]\d{2}:?\d{2})"
# A day, or a month or a year alone, which is all that some datasets have.
_DAY = rf"^\s*({_YEAR}(-\d{{2}}(-\d{{2}}([T ]00:00(:00(\.0+)?)?{_OFFSET}?)?)?)?)?\s*$"
_INSTANT = rf"^\s*{_YEAR}-\d{{2}}-\d{{2}}([T ]\d{{2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?{_OFFSET}?)?\s*$"
_CLOCK = r"^\s*\d{1,2}:\d{2}(:00(\.0+)?)?\s*$"
_NO_CLOCK = "is no clock time such as 00:15"
_NO_DAY = "is no day written YYYY-MM-DD"
_NO_INSTANT = "is no instant such as 2024-01-31T10:00:00+01:00"


def days(path: Path, field: Field, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Days as dates, or as text `YYYY-MM-DD` where ODRÉ has text.

    :raises UnreadableExport: a value is not a day in this form. Forms such as 03/04/2024 are refused, because their
        meaning depends on the country, and so are days that no calendar has.
    """
    if pa.types.is_timestamp(values.type):
        values = _midnights(path, field.name, values)
    if pa.types.is_date(values.type):
        found = values.cast(pa.date32())
        first, last = (pa.scalar(day) for day in (dt.date(1, 1, 1), dt.date(9999, 12, 31)))
        refuse(path, field.name, found, pc.or_(pc.less(found, first), pc.greater(found, last)), _NO_DAY)
        return found if field.type == "date" else found.cast(pa.string())
    if not pa.types.is_string(values.type):
        refuse(path, field.name, values, values.is_valid(), _NO_DAY)
    refuse(path, field.name, values, pc.invert(pc.match_substring_regex(values, _DAY)), _NO_DAY)
    text = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(values), 0, 10)
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    if pc.any(pc.less(pc.utf8_length(text), 10)).as_py():  # months or years
        return text
    distinct = [value for value in text.unique().to_pylist() if value and not _reads(dt.date, value)]
    refuse(path, field.name, values, pc.is_in(text, pa.array(distinct, pa.string())), _NO_DAY)
    return text.cast(pa.date32()) if field.type == "date" else text


def _midnights(path: Path, name: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The days that begin at these instants, in the instants' own zone or, failing that, in France."""
    zones = [values.type.tz, str(_PARIS)] if values.type.tz else [None]
    for zone in zones:
        local = values.cast(pa.timestamp(values.type.unit, zone)) if zone else values
        local = pc.local_timestamp(local) if zone else local
        late = pc.not_equal(local, pc.floor_temporal(local, unit="day"))
        if not pc.any(late).as_py():
            return local.cast(pa.date32())
    refuse(path, name, values, late, _NO_DAY)
    raise AssertionError("`refuse` has raised, because at least one instant is not a midnight")


def instants(path: Path, name: str, values: pa.ChunkedArray, table: pa.Table) -> pa.ChunkedArray:
    """Instants in UTC, to the millisecond.

    Instants without an offset are read as local time when they agree with the columns `date` and `heure`. Otherwise
    they are read as UTC, which ODRÉ exports unless the request names another zone.

    :param table: the rows, with days and clock times as this module gives them.
    :raises UnreadableExport: a value is no instant.
    """
    target = pa.timestamp("ms", "UTC")
    if pa.types.is_timestamp(values.type):
        if values.type.tz:
            return values.cast(target, safe=False)
        read = values.cast(pa.timestamp("us"), safe=False).to_pylist()
    else:
        if not pa.types.is_string(values.type):
            refuse(path, name, values, values.is_valid(), _NO_INSTANT)
        refuse(path, name, values, pc.invert(pc.match_substring_regex(values, _INSTANT)), _NO_INSTANT)
        texts = [None if text is None else text.strip() for text in values.to_pylist()]
        bad = pa.array([text is not None and not _reads(dt.datetime, text) for text in texts])
        refuse(path, name, values, bad, _NO_INSTANT)
        read = [None if text is None else dt.datetime.fromisoformat(text) for text in texts]
    naive = [value for value in read if value is not None and value.tzinfo is None]
    if naive:
        local = _written(table)
        zone = _in_paris if all(f"{value:%Y-%m-%d %H:%M}" in local for value in naive) else _in_utc
        read = [zone(value) if value is not None and value.tzinfo is None else value for value in read]
    return pa.chunked_array([pa.array(read, target)])


def _reads(kind: type[dt.date], text: str) -> bool:
    try:
        kind.fromisoformat(text)
    except ValueError:
        return False
    return True


def _written(table: pa.Table) -> set[str]:
    """Day and clock time of each row, as the columns `date` and `heure` have them; empty without these columns."""
    if not {"date", "heure"} <= set(table.column_names):
        return set()
    written = (table[name].cast(pa.string()).to_pylist() for name in ("date", "heure"))
    return {f"{day} {clock}" for day, clock in zip(*written, strict=True)}


def _in_utc(value: dt.datetime) -> dt.datetime:
    return value.replace(tzinfo=dt.timezone.utc)


def _in_paris(value: dt.datetime) -> dt.datetime:
    """The instant that ODRÉ gives to a local time. A time that is skipped in spring is read as winter time. Of a time
    that occurs twice in October, it is the later instant."""
    return max(value.replace(tzinfo=_PARIS, fold=fold).astimezone(dt.timezone.utc) for fold in (0, 1))


def clock_times(path: Path, name: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """`0:15` and `00:15:00` as ODRÉ writes them, `00:15`.

    :raises UnreadableExport: a value is no clock time.
    """
    if pa.types.is_time(values.type):
        values = values.cast(pa.string())
    if not pa.types.is_string(values.type):
        refuse(path, name, values, values.is_valid(), _NO_CLOCK)
    refuse(path, name, values, pc.invert(pc.match_substring_regex(values, _CLOCK)), _NO_CLOCK)
    minutes = pc.replace_substring_regex(pc.utf8_trim_whitespace(values), r"^(\d{1,2}:\d{2}).*$", r"\1")
    return pc.utf8_lpad(minutes, 5, "0")
