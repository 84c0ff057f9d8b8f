"""The measures of the electricity mix, read from the variable `measures` of `dbt_project.yml`.

That list is the only place where a measure is named. dbt reads it through the macro `measures`, and everything that
is written in Python, the dashboard among it, reads it here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from odre.errors import ContractError
from odre.settings import dbt_project_dir

Kind = Literal["intensity", "consumption", "source", "storage", "border", "exchange", "detail", "forecast"]

# Kinds whose measures become rows or series of their own, and so need a name that people read.
_LABELLED = ("consumption", "source", "border", "forecast")
# Kinds that a chart draws side by side.
_COLOURED = ("source", "border")


class Measure(BaseModel):
    """One measure of the electricity mix.

    :param column: name of the column in the landing table.
    :param name: English name with its unit, as the models call it.
    :param kind: what the measure is. Production is the sum over the kind `source`; a `detail` is part of a source.
    :param required: whether a day without it is incomplete, as the contract of its column says.
    :param label: what people read where the measure is a row or a series of its own.
    :param label_fr: the same in French.
    :param low_carbon: whether the source counts as low-carbon.
    :param legacy: name of the column in `daily_merged`; a measure without one is not in that table.
    :param since: first day on which the measure is published, where it was not always. Before it, it is no part of the
        sums; from it on, a sum is null on days of which it is not known.
    :param color: colour of the series in charts, `#RRGGBB`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str = Field(pattern=r"^[a-z_][a-z0-9_]*$")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*_(mw|g_per_kwh)$")
    kind: Kind
    required: bool = False
    label: str | None = None
    label_fr: str | None = None
    low_carbon: bool = False
    legacy: str | None = Field(None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    since: date | None = None
    color: str | None = Field(None, pattern=r"^#[0-9A-Fa-f]{6}$")

    @model_validator(mode="after")
    def _kind_is_described(self) -> Measure:
        if self.kind in _LABELLED and not self.label:
            raise ValueError(f"label is missing: a measure of kind {self.kind} is shown by name")
        if self.label and not self.label_fr:
            raise ValueError(f"label_fr is missing: the French name of {self.label}")
        if self.kind in _COLOURED and not self.color:
            raise ValueError(f"color is missing: a measure of kind {self.kind} is drawn beside others")
        if self.low_carbon and self.kind != "source":
            raise ValueError(f"low_carbon is said of a source, not of the kind {self.kind}")
        if self.kind == "border" and not self.name.startswith("exchange_"):
            raise ValueError("name of a border starts with exchange_, and its exports and imports are named after it")
        return self


_LIST: TypeAdapter[tuple[Measure, ...]] = TypeAdapter(tuple[Measure, ...])


def measures(kinds: Iterable[Kind] | None = None) -> tuple[Measure, ...]:
    """The measures of the given kinds, or all of them, in the order of the list.

    :raises ContractError: an entry of the list is wrong; the message names the entry and the field.
    """
    every = read_measures(dbt_project_dir() / "dbt_project.yml")
    if kinds is None:
        return every
    chosen = set(kinds)
    return tuple(measure for measure in every if measure.kind in chosen)


@cache
def read_measures(path: Path) -> tuple[Measure, ...]:
    """All measures of the dbt project file `path`; see `measures`."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["vars"]["measures"]
    try:
        every = _LIST.validate_python(entries)
    except ValidationError as error:
        problem = error.errors()[0]
        position, *field = problem["loc"]
        given = entries[position] if isinstance(position, int) else None
        entry = given.get("column", "without a column") if isinstance(given, dict) else given
        where = ".".join(["", *map(str, field)])
        cause = f"entry {position} ({entry}){where}: {problem['msg']}"
        raise ContractError("measures", cause, f"mend {path}") from error
    for field_name in ("column", "name", "legacy"):
        values = Counter(value for measure in every if (value := getattr(measure, field_name)))
        if twice := [value for value, times in values.items() if times > 1]:
            raise ContractError("measures", f"{field_name} {twice[0]} stands in two entries", f"mend {path}")
    labels = Counter((measure.kind, measure.label) for measure in every if measure.label)
    if twice := [label for (_, label), times in labels.items() if times > 1]:
        raise ContractError("measures", f"label {twice[0]} stands in two entries of one kind", f"mend {path}")
    return every
