"""What the extraction of a window has stored, as the tasks after it and the asset event read it."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from odre.window import Window
from odre.xcom import XComModel


class Extracted(XComModel):
    """One object in the lake, and how it came about.

    `received` = `rows` + `repeated`. `first` and `last` are the extent of the observed rows: instants where the
    dataset has them, else days.

    :param object_name: name of the object in the lake's bucket.
    :param uri: the object with its bucket, `gs://…`.
    :param window: local days that were asked for.
    :param retrieved_at: when the source was asked.
    :param rows: rows in the object.
    :param expected: rows that the API counts in the window.
    :param received: rows that the API exported.
    :param repeated: rows that came more than once and were kept once.
    :param observed: rows in the object that hold observed values, not only forecasts.
    :param first: the first observed row; `None` when there is none.
    :param last: the last observed row; `None` when there is none.
    :param requests: requests sent to the API, repeated ones included.
    :param segments: datasets of the API that answered, each with its days.
    :param schema_hash: identifies names and types of the object's columns.
    :param synthetic: whether the API says that its data are a synthetic sample.
    :param unknown_columns: headers of the answer that the contract does not know; they were ignored.
    :param absent_columns: columns of the contract that the answer does not have; they are null.
    :param unusual: by column, number of values that lie outside what its contract calls usual; they are loaded.
    """

    object_name: str
    uri: str
    window: Window
    retrieved_at: AwareDatetime
    rows: int
    expected: int
    received: int
    repeated: int
    observed: int
    first: AwareDatetime | date | None
    last: AwareDatetime | date | None
    requests: int
    segments: list[str]
    schema_hash: str
    synthetic: bool
    unknown_columns: list[str]
    absent_columns: list[str]
    unusual: dict[str, int]
