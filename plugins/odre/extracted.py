"""What the extraction of a window has stored, as the tasks after it and the asset event read it."""

from __future__ import annotations

import hashlib
from datetime import date

from pydantic import AwareDatetime, computed_field

from odre.scope import Scope
from odre.window import Window
from odre.xcom import XComModel


class LeftOut(XComModel):
    """Rows that were not written because they break the contract in the same way on the same day.

    :param local_date: their day.
    :param scope: `day` when the whole day was left out, `row` when only these rows were.
    :param column: column that breaks the contract.
    :param cause: what was expected and what came, in the first of them.
    :param rows: how many they are.
    :param decided: whether a decision in the contract leaves them out for good.
    """

    local_date: date
    scope: Scope
    column: str | None
    cause: str
    rows: int
    decided: bool


class Extracted(XComModel):
    """One object in the lake, and how it came about.

    `received` = `rows` + `repeated` + `superseded` + `set_aside`. `first` and `last` are the extent of the
    observed rows: instants where the dataset has them, else days.

    :param object_name: name of the object in the lake's bucket.
    :param uri: the object with its bucket, `gs://…`.
    :param window: local days that were asked for.
    :param generation: generation of the object.
    :param md5: MD5 of the object, base64.
    :param asked_at: when the source was asked: the moment before the first request.
    :param rows: rows in the object.
    :param expected: rows that the API counts in the window.
    :param received: rows that the API exported.
    :param repeated: rows that came more than once and were kept once.
    :param superseded: rows that were dropped because a more mature dataset of the API answers their day too.
    :param set_aside: rows that were left out because they, or their day, break the contract.
    :param left_out: why, by day and column.
    :param set_aside_uri: object that holds the rows that break the contract; `None` when there are none.
    :param observed: rows in the object that hold observed values, not only forecasts.
    :param first: the first observed row; `None` when there is none.
    :param last: the last observed row; `None` when there is none.
    :param requests: requests sent to the API, repeated ones included.
    :param segments: datasets of the API that answered, each with its days.
    :param partial: whether a dataset of the API did not exist, so that its days were not asked.
    :param schema_hash: identifies names and types of the object's columns.
    :param synthetic: whether the API says that its data are a synthetic sample.
    :param unknown_columns: headers of the answer that the contract does not know; they were ignored.
    :param absent_columns: columns of the contract that the answer does not have; they are null.
    :param unusual: by column, number of values that lie outside what its contract calls usual; they are loaded.
    """

    object_name: str
    uri: str
    window: Window
    generation: int
    md5: str
    asked_at: AwareDatetime
    rows: int
    expected: int
    received: int
    repeated: int
    superseded: int
    set_aside: int
    left_out: list[LeftOut]
    set_aside_uri: str | None
    observed: int
    first: AwareDatetime | date | None
    last: AwareDatetime | date | None
    requests: int
    segments: list[str]
    partial: bool
    schema_hash: str
    synthetic: bool
    unknown_columns: list[str]
    absent_columns: list[str]
    unusual: dict[str, int]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorators above a property
    @property
    def load_id(self) -> str:
        """Names the load of this object in the ledger and in the rows that it changes."""
        return hashlib.sha256(f"{self.uri}#{self.generation}".encode()).hexdigest()[:16]

    @property
    def days_set_aside(self) -> tuple[date, ...]:
        """Days that were left out as a whole, ascending."""
        return tuple(sorted({found.local_date for found in self.left_out if found.scope == "day"}))

    @property
    def days_lacking_rows(self) -> tuple[date, ...]:
        """Days of which single rows were left out and the others are in the object, ascending."""
        return tuple(sorted({found.local_date for found in self.left_out if found.scope == "row"}))

    @property
    def days_undecided(self) -> tuple[date, ...]:
        """Days of which rows were left out, as a whole or in part, without a decision in the contract; ascending."""
        return tuple(sorted({found.local_date for found in self.left_out if not found.decided}))
