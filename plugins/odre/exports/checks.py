"""What breaks a contract in a table of canonical columns.

Pure functions of a table and its contract. Each yields its findings in the order of rows, and stops working when its
caller asks for no further one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from odre.contract import Contract
from odre.scope import FindingScope
from odre.window import Window

# From this number of observed rows on, a required measure that is null on all of them counts as lost: so many nulls are
# no coincidence.
_WHOLLY_NULL_ROWS = 96
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Finding:
    """A row that breaks the contract.

    :param row: position of the row in the table, from 0.
    :param cause: what was expected and what is there.
    :param fix: what to do next.
    :param column: column that breaks the contract; a decision in the contract names it.
    :param scope: how much of the answer has to be left out. `row` is for rows without which the rest of their day is
        still right, such as those of an entity that the contract does not declare.
    :param may_be_accepted: whether a decision in the contract can have the row loaded.
    """

    row: int
    cause: str
    fix: str
    column: str | None = None
    scope: FindingScope = "day"
    may_be_accepted: bool = False


def all_findings(table: pa.Table, contract: Contract, window: Window) -> Iterator[Finding]:
    """What all checks of single rows find.

    A row may be found more than once. `odre.exports.aside` leaves out the row, its day or the whole answer, by
    `Finding.scope`.
    """
    yield from empty_keys(table, contract)
    yield from outside_window(table, contract, window)
    yield from wrong_clock_times(table, contract)
    yield from unknown_maturities(table, contract)
    yield from out_of_range(table, contract)


def empty_keys(table: pa.Table, contract: Contract) -> Iterator[Finding]:
    """Rows without a value in a key column."""
    for name in contract.key:
        if table[name].null_count:
            for row in _rows(table[name].is_null()):
                yield Finding(row, f"key column {name} is empty", "report it to ODRÉ", column=name)


def outside_window(table: pa.Table, contract: Contract, window: Window) -> Iterator[Finding]:
    """Rows of days that were not asked for."""
    dates = table[contract.date_column]
    for row in _rows(pc.or_(pc.less(dates, window.start), pc.greater(dates, window.end))):
        yield Finding(
            row,
            f"day {dates[row]} is outside the window {window} that was asked for",
            "the API did not honour the filter: try again, or report it to ODRÉ",
            column=contract.date_column,
            scope="answer",
        )


def wrong_clock_times(table: pa.Table, contract: Contract) -> Iterator[Finding]:
    """Rows whose clock time is not the local time of their instant.

    The two days on which clocks change are not checked, because the source writes 96 clock times on them too.
    """
    clock = contract.clock
    if not clock or not table.num_rows:
        return
    local = pc.local_timestamp(pc.cast(table[clock.timestamp], pa.timestamp("us", contract.timezone)))
    midnight = pc.cast(table[contract.date_column], pa.timestamp("us"))
    shown = pc.add(midnight, _since_midnight(table[clock.time]))
    for row in _rows(pc.fill_null(pc.not_equal(shown, local), True)):
        day = table[contract.date_column][row].as_py()
        first, last = Window(day, day).instants(contract.timezone)
        if (last - first).total_seconds() == _DAY_SECONDS:
            yield Finding(
                row,
                f"{clock.time} {table[clock.time][row]} is not the local time of {clock.timestamp} "
                f"{table[clock.timestamp][row]}",
                "report it to ODRÉ",
                column=clock.time,
            )


def unknown_maturities(table: pa.Table, contract: Contract) -> Iterator[Finding]:
    """Rows in a state of maturity that the contract does not name."""
    maturity = contract.maturity
    if not maturity:
        return
    states = table[maturity.column]
    for row in _rows(pc.invert(pc.is_in(states, pa.array(maturity.order)))):
        yield Finding(
            row,
            f"{maturity.column} is {states[row]}, not one of {maturity.order}",
            f"if it is a new state, add it to maturity.order in the contract of {contract.table}",
            column=maturity.column,
        )


def out_of_range(table: pa.Table, contract: Contract) -> Iterator[Finding]:
    """Rows with a value that its column's `range` says is impossible."""
    for column in contract.columns:
        if not column.range:
            continue
        low, high = column.range
        values = table[column.name]
        for row in _rows(pc.or_(pc.less(values, low), pc.greater(values, high))):
            yield Finding(
                row,
                f"column {column.name}: expected a value between {low:g} and {high:g} {column.unit or ''}, "
                f"got {values[row]}",
                "report it to ODRÉ, widen the contract's range, or add a decision to the contract",
                column=column.name,
                may_be_accepted=True,
            )


def repeats(table: pa.Table, contract: Contract) -> pa.Array:
    """Whether each row has the key of the row before it; `table` is sorted by key."""
    return _equals_previous(table, contract.key)


def contradictions(table: pa.Table, repeated: pa.Array) -> Iterator[Finding]:
    """Rows that share their key with the row before them and differ from it elsewhere.

    :param table: sorted by key.
    :param repeated: `repeats(table)`.
    """
    for row in _rows(pc.and_not(repeated, _equals_previous(table, table.column_names))):
        before, this = table.slice(row - 1, 2).to_pylist()
        differing = [name for name in table.column_names if before[name] != this[name]]
        yield Finding(
            row,
            "two rows share this key and differ in "
            + ", ".join(f"{name} ({before[name]} and {this[name]})" for name in differing[:5]),
            "report it to ODRÉ",
            column=differing[0],
        )


def in_order(table: pa.Table, names: list[str]) -> bool:
    """Whether the rows ascend by `names`, the first of which counts most; false when these columns have a null."""
    tied = pa.array([True] * (table.num_rows - 1), pa.bool_())
    for name in names:
        current, previous = _neighbours(table[name])
        if current.null_count or previous.null_count or pc.any(pc.and_(tied, pc.less(current, previous))).as_py():
            return False
        tied = pc.and_(tied, pc.equal(current, previous))
    return True


def unusual_values(table: pa.Table, contract: Contract) -> dict[str, int]:
    """By column, the number of values outside what the contract calls usual; columns without any are left out."""
    found = {}
    for column in contract.columns:
        if column.usual:
            low, high = column.usual
            values = table[column.name]
            if outside := pc.sum(pc.or_(pc.less(values, low), pc.greater(values, high))).as_py():
                found[column.name] = outside
    return found


def lost_measures(observed: int, valid: dict[str, int]) -> list[str]:
    """Required measures that are null on all observed rows; none when there are too few rows to tell.

    :param observed: number of observed rows.
    :param valid: for every required measure, on how many of these rows it has a value.
    """
    return [name for name, count in valid.items() if not count] if observed >= _WHOLLY_NULL_ROWS else []


def _rows(found: pa.Array) -> Iterator[int]:
    """Positions at which `found` is true."""
    if pc.any(found).as_py():
        yield from pc.indices_nonzero(pc.fill_null(found, False)).to_pylist()


def _since_midnight(clock_times: pa.ChunkedArray) -> pa.Array:
    """Durations (µs) since midnight of clock times `HH:MM`; null for text that is no clock time.

    Each of the few distinct clock times is read once.
    """
    encoded = clock_times.combine_chunks().dictionary_encode()
    read = pc.strptime(encoded.dictionary, "%H:%M", "us", error_is_null=True)
    since = pc.subtract(read, pc.floor_temporal(read, unit="day"))
    exact = pc.equal(pc.strftime(read, "%H:%M"), encoded.dictionary)
    return pc.if_else(exact, since, pa.scalar(None, since.type)).take(encoded.indices)


def _equals_previous(table: pa.Table, names: list[str]) -> pa.Array:
    """Whether each row has the same values in `names` as the row before it; nulls are equal."""
    result = pa.array([False] + [True] * (table.num_rows - 1))
    for name in names:
        current, previous = _neighbours(table[name])
        same = pc.fill_null(pc.equal(current, previous), False)
        same = pc.or_(same, pc.and_(current.is_null(), previous.is_null()))
        result = pc.and_(result, pa.concat_arrays([pa.array([False]), same]))
    return result


def _neighbours(column: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """All values of a column but the first, and all but the last: each value and the one before it."""
    values = column.combine_chunks()
    values = values if isinstance(values, pa.Array) else pa.concat_arrays(values.chunks)
    return values[1:], values[:-1]
