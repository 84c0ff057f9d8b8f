"""Proposes one column of a new dataset from its field in the catalogue and its values in a sample."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from odre.exports.casting import MISSING
from odre.resources import LOAD_ID
from sqlfluff.dialects.dialect_bigquery_keywords import bigquery_reserved_keywords

from laptop.replica.schemas import slug
from laptop.scaffold.source import SourceField

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_MISSING = frozenset(MISSING.to_pylist())
#: Integer fields with these words in their names hold codes, not measures.
_CODE = re.compile(r"^(code|id|annee|mois|jour|numero|num|insee|year|month)(_|$)|_(code|id|insee)$")
#: Ending of a column's name, by its unit.
_SUFFIXES = {"°c": "celsius", "g/kwh": "g_per_kwh", "%": "percent", "€/mwh": "eur_per_mwh"}
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Names that a column cannot have: words that GoogleSQL accepts as names only in quotes, and the pipeline's own column.
_RESERVED = frozenset(bigquery_reserved_keywords.lower().split()) | {LOAD_ID}


@dataclass(frozen=True)
class ProposedColumn:
    """A column of the contract and of the staging model.

    :param name: the name of the field, or a similar one where GoogleSQL does not accept it as a column name.
    :param aliases: the name of the field, if `name` differs from it.
    :param range: proposed bounds of a measure; `None` for anything else.
    :param marks: what a person has to decide about the column: field of the contract → reason.
    """

    name: str
    data_type: str
    label: str
    description: str
    aliases: tuple[str, ...] = ()
    unit: str | None = None
    range: tuple[float, float] | None = None
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def is_measure(self) -> bool:
        return self.range is not None

    @property
    def staging_name(self) -> str:
        """The name in the staging model, which ends with the unit."""
        if not self.unit or not self.is_measure:
            return self.name
        unit = self.unit.split()[0].lower()
        suffix = _SUFFIXES.get(unit) or "_".join(re.findall(r"[a-z0-9]+", unit))
        return self.name if not suffix or self.name.endswith(f"_{suffix}") else f"{self.name}_{suffix}"

    @property
    def sql(self) -> str:
        """The column as a SQL expression that selects from a CTE named `source`."""
        return "source.source" if self.name == "source" else self.name


def present(values: Sequence[Any]) -> list[Any]:
    """The values without missing ones, which the source writes in several ways."""
    return [value for value in values if value is not None and not (isinstance(value, str) and value in _MISSING)]


def is_day(values: Sequence[Any]) -> bool:
    """Whether all values that are not missing are days written `YYYY-MM-DD`; false when all are missing."""
    return _all(_DAY, values)


def is_clock_time(values: Sequence[Any]) -> bool:
    """Whether all values that are not missing are clock times written `HH:MM`; false when all are missing."""
    return _all(_TIME, values)


def _all(pattern: re.Pattern[str], values: Sequence[Any]) -> bool:
    texts = present(values)
    return bool(texts) and all(isinstance(text, str) and pattern.fullmatch(text) for text in texts)


def propose_column(source: SourceField, values: Sequence[Any]) -> ProposedColumn | None:
    """The column of a field, with proposed bounds when it is a measure.

    :param values: the values of the field in the sample.
    :returns: `None` for a field that a landing table cannot hold: places and shapes on a map, files, lists.
    :raises ValueError: the field is a number in the catalogue, and one of its values is not.
    """
    known = present(values)
    kind = _data_type(source, known)
    if kind is None:
        return None
    marks = {}
    description = source.description
    if description:
        marks["description"] = "write it in English"
    else:
        description = re.sub(r"\s*\([^()]*\)\s*$", "", source.label).strip() or source.name
        marks["description"] = "describe it in English; the catalogue has only this label"
    bounds = None
    if kind == "FLOAT64":
        numbers = _numbers(source.name, known)
        bounds = _bounds(numbers)
        seen = f"the sample has {min(numbers):g} to {max(numbers):g}" if numbers else "the sample has no value"
        marks["range"] = f"what is physically possible; {seen}"
        if source.unit is None:
            marks["unit"] = "its unit, or remove the line when it has none"
    unit = (source.unit or "unknown") if bounds else None
    name = _name(source.name)
    aliases = () if name == source.name else (source.name,)
    return ProposedColumn(name, kind, source.label, description, aliases, unit, bounds, marks)


def _name(field: str) -> str:
    """The name of a field, or a similar one that GoogleSQL accepts as a column name without quotes."""
    name = field if _IDENTIFIER.fullmatch(field) else slug(field)
    if name.lower() in _RESERVED:
        return f"{name}_value"
    return name if _IDENTIFIER.fullmatch(name) else f"_{name}"


def _data_type(source: SourceField, known: Sequence[Any]) -> str | None:
    plain = {"datetime": "TIMESTAMP", "date": "DATE", "double": "FLOAT64"}.get(source.type)
    if plain:
        return plain
    if source.type == "int":
        return "INT64" if source.unit is None and _CODE.search(source.name) else "FLOAT64"
    if source.type != "text" or any(isinstance(value, list | dict) for value in known):
        return None
    # The real-time datasets of ODRÉ have sent measures as text.
    numbers = source.unit is not None and all(_NUMBER.fullmatch(str(value)) for value in known)
    return "FLOAT64" if numbers else "DATE" if is_day(known) else "STRING"


def _numbers(field: str, values: Sequence[Any]) -> list[float]:
    """The values of a measure, without infinity and NaN.

    :raises ValueError: a value is no number.
    """
    for value in values:
        if not isinstance(value, int | float) and not _NUMBER.fullmatch(str(value)):
            raise ValueError(f"{field} is a number in the catalogue and has the value {str(value)[:40]!r}")
    return [number for number in map(float, values) if math.isfinite(number)]


def _bounds(numbers: Sequence[float]) -> tuple[float, float]:
    """Round bounds at least twice as wide as the values of the sample. They cross zero only when the values do."""
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 0.0)
    return (0.0 if low >= 0 else -_round_up(-2 * low)), (0.0 if high <= 0 < -low else _round_up(2 * high))


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 …; 1 for zero.

    >>> _round_up(230), _round_up(51), _round_up(0)
    (500.0, 100.0, 1.0)
    """
    if value <= 0:
        return 1.0
    if not math.isfinite(value):
        return sys.float_info.max
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)
