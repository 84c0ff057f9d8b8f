"""Refuses an export that cannot be read, with one line that names file, column, row, value and what to do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

AGAIN = "download the export again from ODRÉ, and do not save it from a spreadsheet program"


class UnreadableExport(ValueError):
    """A file of the folder cannot be read; the message names the file, the reason and what to do."""


def refuse(path: Path, name: str, values: pa.ChunkedArray, bad: pa.ChunkedArray, why: str) -> None:
    """Refuse the file when a value of a column is bad.

    :param bad: whether each value is bad; null counts as not bad.
    :param why: what is wrong with the value, as in `… is no number`.
    :raises UnreadableExport: a value is bad. The message names the first such row; rows count from 1, below the
        headers.
    """
    row = pc.index(bad, True).as_py()
    if row < 0:
        return
    try:
        shown = values[row].as_py()
    except (OverflowError, ValueError):  # a day that Python cannot represent
        shown = values[row].cast(pa.string()).as_py()
    if isinstance(shown, dt.date):
        shown = str(shown)
    raise UnreadableExport(f"{path.name}: column {name}, row {row + 1}: {shown!r} {why} → {AGAIN}")
