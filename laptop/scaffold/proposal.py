"""Proposes the parts of a contract that are not in the catalogue, from a sample of rows.

Every value proposed here is a guess that a person has to confirm.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any
from zoneinfo import ZoneInfo

from odre.contract_fields import Clock

from laptop.scaffold.columns import ProposedColumn, is_clock_time, is_day, present, propose_column
from laptop.scaffold.source import Refused, Sample, SourceDataset

ZONE = "Europe/Paris"
DAY = f"Local calendar day ({ZONE})."
INSTANT = "Instant at which the step begins."
CLOCK_TIME = f"Local clock time `HH:MM` ({ZONE}) at which the step begins."
#: Greatest number of key columns, besides the day and the clock time, that are tried together.
_MOST_ENTITY_COLUMNS = 3
#: Number of rows above which queries on a table must bound the partitions that they read.
_LARGE_TABLE = 1_000_000
#: Values of éCO2mix datasets that say how final a row is, from provisional to final.
_MATURITIES = ("Données temps réel", "Données consolidées", "Données définitives")


@dataclass(frozen=True)
class Rhythm:
    """How often a dataset grows: its schedule, its look-back, and the age from which its newest row is a warning or an
    error."""

    schedule: str
    lookback_days: int
    warn_after: str
    error_after: str


_HOURLY = Rhythm("25 * * * *", 7, "{count: 6, period: hour}", "{count: 24, period: hour}")
_DAILY = Rhythm("30 9 * * *", 31, "{count: 4, period: day}", "{count: 15, period: day}")
_MONTHLY = Rhythm("30 6 5 * *", 400, "{count: 45, period: day}", "{count: 100, period: day}")


@dataclass(frozen=True)
class Proposal:
    """All values that the files of a dataset contain.

    :param left_out: fields of the source that a landing table cannot hold.
    :param observed_until: last day that has a value of the observed column.
    :param steps_per_day: rows of a day that share all other columns of the key.
    :param unique: whether no two rows of the sample share the key.
    :param maturity: column that says how final a row is, when there is one.
    """

    dataset: SourceDataset
    table: str
    columns: tuple[ProposedColumn, ...]
    left_out: tuple[str, ...]
    day: str
    clock: Clock | None
    entities: tuple[str, ...]
    unique: bool
    observed: str
    first_day: dt.date
    observed_until: dt.date
    steps_per_day: int
    rhythm: Rhythm
    maturity: str | None
    large: bool

    @property
    def key(self) -> list[str]:
        return [self.day, *([self.clock.time] if self.clock else []), *self.entities]

    @property
    def order_by(self) -> list[str]:
        """The columns by which the API is asked to sort, under the API's own names."""
        renamed = {column.name for column in self.columns if column.aliases}
        first = [self.clock.timestamp, self.clock.time] if self.clock else [self.day]
        return [*first, *(name for name in self.entities if name not in renamed)]

    @property
    def maturities(self) -> tuple[str, ...]:
        return _MATURITIES


def table_of(dataset_id: str) -> str:
    """Name of the landing table, which names folder, model and DAG as well."""
    return dataset_id.replace("-", "_")


def propose(dataset: SourceDataset, sample: Sample, today: dt.date) -> Proposal:
    """The proposed contract of a dataset.

    :param today: the current day, from which the age of the newest row is counted.
    :raises Refused: its rows have no local day or no measure, or a value that its type does not allow, or two of its
        fields would become the same column.
    """
    try:
        offered = {f.name: propose_column(f, [row.get(f.name) for row in sample.rows]) for f in dataset.fields}
    except ValueError as error:
        raise Refused(f"{dataset.id}: {error} → choose another dataset") from None
    columns = tuple(column for column in offered.values() if column)
    for name, times in Counter(column.name.lower() for column in columns).items():
        if times > 1:
            fields = ", ".join(field for field, c in offered.items() if c and c.name.lower() == name)
            raise Refused(f"{dataset.id}: its fields {fields} would become the column {name} → choose another dataset")
    values = {c.name: [row.get(field) for row in sample.rows] for field, c in offered.items() if c}
    day, clock = _time_columns(dataset, columns, sample)
    roles = {day: DAY} | ({clock.timestamp: INSTANT, clock.time: CLOCK_TIME} if clock else {})
    columns = tuple(replace(c, description=roles[c.name], marks={}) if c.name in roles else c for c in columns)
    entities, unique = _entities(columns, values, day, clock)
    observed = _observed(dataset, columns, values)
    days = [dt.date.fromisoformat(row[day]) for row in sample.rows]
    until = max(
        (d for d, value in zip(days, values[observed], strict=True) if present([value]) and d <= today),
        default=max(days),
    )
    steps = {row[clock.time] for row in sample.rows} if clock else {""}
    maturity = next((c.name for c in columns if set(values[c.name]) <= set(_MATURITIES)), None)
    return Proposal(
        dataset=dataset,
        table=table_of(dataset.id),
        columns=columns,
        left_out=tuple(name for name, column in offered.items() if column is None),
        day=day,
        clock=clock,
        entities=entities,
        unique=unique,
        observed=observed,
        first_day=min(days),
        observed_until=until,
        steps_per_day=len(steps),
        rhythm=_rhythm(clock, sorted(set(days)), (today - until).days),
        maturity=maturity,
        large=sample.count > _LARGE_TABLE,
    )


def _time_columns(
    dataset: SourceDataset, columns: Sequence[ProposedColumn], sample: Sample
) -> tuple[str, Clock | None]:
    """The local day of a row and, where days have several steps, its instant and clock time."""
    rows = sample.rows
    for column in columns:
        if column.aliases and column.data_type in ("DATE", "TIMESTAMP") and sample.order_column in column.aliases:
            raise Refused(
                f"{dataset.id}: its rows are placed in time by {sample.order_column}, which BigQuery does not accept "
                "as a column name → the pipeline filters the API on that column; choose another dataset"
            )
    instant = next((c.name for c in columns if c.name == sample.order_column and c.data_type == "TIMESTAMP"), None)

    def agrees(name: str, pattern: str) -> bool:
        """Whether a column is the local day or time of the instant. One row in ten may disagree, because the source
        may be wrong when clocks change."""
        if instant is None:
            return True
        right = sum(f"{_local(row[instant]):{pattern}}" == row.get(name) for row in rows)
        return right * 10 >= len(rows) * 9

    filled = (c.name for c in columns if all(row.get(c.name) is not None for row in rows) and c.data_type == "DATE")
    days = (name for name in filled if is_day([row[name] for row in rows]))
    day = next((name for name in days if agrees(name, "%Y-%m-%d")), None)
    if day is None:
        example = rows[-1][sample.order_column]
        raise Refused(
            f"{dataset.id}: its rows have no day: no column has a local day written YYYY-MM-DD on "
            f"every row ({sample.order_column} is like {example}) → the pipeline loads days; choose another dataset"
        )
    times = (c.name for c in columns if c.data_type == "STRING" and is_clock_time([row.get(c.name) for row in rows]))
    time = next((name for name in times if agrees(name, "%H:%M")), None)
    if instant and time:
        return day, Clock(timestamp=instant, time=time)
    if instant and len({_local(row[instant]).time() for row in rows}) > 1:
        raise Refused(
            f"{dataset.id}: its days have several steps, but no column holds their clock time written HH:MM "
            "→ the pipeline needs one beside the instant; choose another dataset"
        )
    return day, None


def _local(instant: str) -> dt.datetime:
    return dt.datetime.fromisoformat(instant).astimezone(ZoneInfo(ZONE))


def _entities(
    columns: Sequence[ProposedColumn], values: dict[str, list[Any]], day: str, clock: Clock | None
) -> tuple[tuple[str, ...], bool]:
    """The smallest set of columns that identifies a row together with day and clock time, and whether there is one.

    Columns with few values are tried before columns with many, because an identifier of the row itself would always do.
    Codes are tried before names, because the spelling of names changes.
    """
    step = (day, clock.time) if clock else (day,)
    known = {*step, *((clock.timestamp,) if clock else ())}
    rows = {name: tuple(map(str, values[name])) for name in values}
    distinct = len(set(zip(*(rows[name] for name in rows), strict=True)))
    candidates = sorted(
        (c for c in columns if not c.is_measure and c.name not in known and None not in values[c.name]),
        key=lambda c: (len(set(rows[c.name])), c.data_type != "INT64"),
    )
    for size in range(_MOST_ENTITY_COLUMNS + 1):
        for chosen in combinations([c.name for c in candidates], size):
            if len(set(zip(*(rows[name] for name in (*step, *chosen)), strict=True))) == distinct:
                return chosen, True
    return tuple(c.name for c in candidates[:_MOST_ENTITY_COLUMNS]), False


def _observed(dataset: SourceDataset, columns: Sequence[ProposedColumn], values: dict[str, list[Any]]) -> str:
    """The first measure that is not a forecast and has a value in more than half of the rows. If there is none, the
    measure with the most values.

    :raises Refused: there is no measure, or none has a value.
    """
    measures = [c.name for c in columns if c.is_measure]
    if not measures:
        raise Refused(f"{dataset.id}: no field of it is a number → the pipeline loads measures; choose another dataset")
    candidates = [name for name in measures if "prevision" not in name] or measures

    def filled(name: str) -> float:
        return len(present(values[name])) / len(values[name])

    fullest = max(candidates, key=filled)
    if not filled(fullest):
        raise Refused(f"{dataset.id}: no number in the sample of its rows has a value → try again when one has")
    return next((name for name in candidates if filled(name) > 0.5), fullest)


def _rhythm(clock: Clock | None, days: Sequence[dt.date], age: int) -> Rhythm:
    """How often the dataset seems to grow, judged by the age of its newest observed day and the gaps between its days.

    :param age: days since the newest observed day.
    """
    newest = days[-30:]
    distances = sorted((later - day).days for day, later in pairwise(newest))
    apart = distances[len(distances) // 2] if distances else 1
    if age > 20 or apart > 20:
        return _MONTHLY
    return _HOURLY if clock and age <= 2 else _DAILY


def marks_of(proposal: Proposal) -> Iterator[str]:
    """Remarks, for the end of the command, on what could not be proposed from the sample."""
    if not proposal.unique:
        yield "no key: rows of the sample share every combination of columns that was tried"
    if proposal.left_out:
        yield f"left out, because a table cannot hold them: {', '.join(proposal.left_out)}"
