"""Exports made into canonical Parquet: the contract's columns and types, sorted by key, checked.

Everything streams: an export of any length passes through in batches, and only the rows of the last
day seen are carried from one batch to the next.
"""

from __future__ import annotations

import difflib
import hashlib
import logging
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from odre.contract import Contract, fold
from odre.contract_fields import Column
from odre.errors import DataRejected, SourceUnavailable
from odre.exports.casting import CastError, cast_column
from odre.window import Window

log = logging.getLogger(__name__)

# Small batches keep peak memory the same for one year and for twelve, at the same speed.
_BATCH_ROWS = 1 << 14
_ROW_GROUP_ROWS = 1 << 16
# A required measure that is null on this many observed rows in a row of days is not a coincidence.
_WHOLLY_NULL_ROWS = 96


@dataclass
class Outcome:
    """What became of a window's rows; goes to the log, the object's metadata and the asset event.

    `received` = `written` + `repeated`. `first` and `last` are the extent of observed rows: instants
    (UTC) where the dataset has them, else days. `unusual`: how many values of a column lie outside what its
    contract calls usual; they are possible, and loaded.
    """

    received: int = 0
    written: int = 0
    repeated: int = 0
    observed: int = 0
    first: datetime | date | None = None
    last: datetime | date | None = None
    unknown_columns: list[str] = field(default_factory=list)
    absent_columns: list[str] = field(default_factory=list)
    unusual: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable form."""
        return asdict(self) | {"first": _iso(self.first), "last": _iso(self.last)}


def schema_hash(contract: Contract) -> str:
    """Identifies names and types of the canonical columns."""
    text = ";".join(f"{f.name}:{f.type}" for f in contract.arrow_schema)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class CanonicalWriter:
    """Writes one canonical Parquet file from one or more exports of the same window.

    Exports come in ascending order of days; should one not be sorted, the file is sorted at the end.

    :param contract: what the data must be.
    :param window: days that rows may have.
    :param destination: file to write.
    :param metadata: key-value metadata of the file.
    """

    def __init__(
        self, contract: Contract, window: Window, destination: Path, metadata: dict[str, str] | None = None
    ) -> None:
        self.contract, self.window, self.destination = contract, window, destination
        self.outcome = Outcome()
        self._schema = contract.arrow_schema.with_metadata(metadata)
        self._carried: pa.Table | None = None
        self._written_until: date | None = None
        self._sorted = True
        self._observed_valid = {c.name: 0 for c in contract.columns if c.required and c.unit}
        self._writer = pq.ParquetWriter(destination, self._schema, **self._encoding)
        # One batch is compressed while the next is read and checked; never more, for memory's sake.
        self._background, self._writing = ThreadPoolExecutor(1), Future()
        self._writing.set_result(None)

    def __enter__(self) -> CanonicalWriter:
        return self

    def __exit__(self, error_type: type | None, *_: object) -> None:
        with self._writer, self._background:
            if error_type is not None:
                return
            if self._carried is not None:
                self._write(self._carried)
            self._writing.result()
        if not self._sorted:
            self._sort_file()
        self._refuse_wholly_null()
        if unusual := self.outcome.unusual:
            log.warning(
                "%s: loaded, but look at values that are not usual in %s: %s",
                self.contract.dataset_id,
                self.window,
                ", ".join(f"{name} ({rows} rows)" for name, rows in unusual.items()),
            )

    def add(self, export: Path) -> int:
        """Append all rows of an export.

        :returns: rows received.
        :raises SourceUnavailable: the file is not a data file at all.
        :raises DataRejected: the data break the contract.
        """
        before = self.outcome.received
        for batch in _batches(export, self.contract, self.outcome):
            table = self._cast(batch)
            self.outcome.received += table.num_rows
            self._check_window(table)
            self._check_clock(table)
            self._check_text(table)
            self._append(table)
        return self.outcome.received - before

    @property
    def _encoding(self) -> dict[str, Any]:
        """Dictionaries for text alone: of measures they cost time and make the file a fifth larger."""
        text = [f.name for f in self._schema if pa.types.is_string(f.type) or pa.types.is_date(f.type)]
        return {"compression": "zstd", "use_dictionary": text}

    def _cast(self, batch: pa.Table) -> pa.Table:
        columns = []
        for column in self.contract.columns:
            target = self._schema.field(column.name).type
            if column.name not in batch.column_names:
                columns.append(pa.nulls(batch.num_rows, target))
                continue
            values = batch[column.name].combine_chunks()
            values = values if isinstance(values, pa.Array) else pa.concat_arrays(values.chunks)
            try:
                cast = cast_column(values, column, target)
            except CastError as error:
                raise self._rejected(
                    error.index, batch, str(error), "report it to ODRÉ, or widen the contract"
                ) from None
            if column.name in self.contract.key and cast.null_count:
                row = pc.index(cast.is_null(), True).as_py()
                raise self._rejected(row, batch, f"key column {column.name} is empty", "report it to ODRÉ")
            self._flag(column, cast)
            columns.append(cast)
        return pa.Table.from_arrays(columns, schema=self._schema)

    def _flag(self, column: Column, values: pa.Array) -> None:
        if column.usual:
            low, high = column.usual
            outside = pc.sum(pc.or_(pc.less(values, low), pc.greater(values, high))).as_py() or 0
            if outside:
                self.outcome.unusual[column.name] = self.outcome.unusual.get(column.name, 0) + outside

    def _check_window(self, table: pa.Table) -> None:
        dates = table[self.contract.date_column]
        outside = pc.or_(pc.less(dates, self.window.start), pc.greater(dates, self.window.end))
        row = pc.index(outside, True).as_py()
        if row >= 0:
            raise self._rejected(
                row,
                table,
                f"day {dates[row]} is outside the window {self.window} that was asked for",
                "the API did not honour the filter: try again, or report it to ODRÉ",
            )

    def _check_clock(self, table: pa.Table) -> None:
        """Clock times must be those of their instants, except on the two days when clocks change: there
        the source writes 96 clock times all the same."""
        clock = self.contract.clock
        if not clock or not table.num_rows:
            return
        local = pc.local_timestamp(pc.cast(table[clock.timestamp], pa.timestamp("us", self.contract.timezone)))
        midnight = pc.cast(table[self.contract.date_column], pa.timestamp("us"))
        shown = pc.add(midnight, _since_midnight(table[clock.time]))
        differs = pc.fill_null(pc.not_equal(shown, local), True)
        if not pc.any(differs).as_py():
            return
        for row in pc.indices_nonzero(differs).to_pylist():
            day = table[self.contract.date_column][row].as_py()
            first, last = Window(day, day).instants(self.contract.timezone)
            if (last - first).total_seconds() == 86_400:
                raise self._rejected(
                    row,
                    table,
                    f"{clock.time} {table[clock.time][row]} is not the local time of {clock.timestamp} "
                    f"{table[clock.timestamp][row]}",
                    "report it to ODRÉ",
                )

    def _check_text(self, table: pa.Table) -> None:
        maturity = self.contract.maturity
        if maturity:
            known = pc.is_in(table[maturity.column], pa.array(maturity.order))
            row = pc.index(known, False).as_py()
            if row >= 0:
                raise self._rejected(
                    row,
                    table,
                    f"{maturity.column} is {table[maturity.column][row]}, not one of {maturity.order}",
                    f"if it is a new state, add it to maturity.order in the contract of {self.contract.table}",
                )

    def _append(self, table: pa.Table) -> None:
        """Write all days of `table` but the last, which the next batch may continue."""
        if not table.num_rows:
            return
        if self._carried is not None:
            table = pa.concat_tables([self._carried, table])
        dates = table[self.contract.date_column]
        last = pc.max(dates).as_py()
        complete = pc.less(dates, pa.scalar(last, pa.date32()))
        self._write(table.filter(complete))
        self._carried = table.filter(pc.invert(complete)).combine_chunks()

    def _write(self, table: pa.Table) -> None:
        if not table.num_rows:
            return
        dates = table[self.contract.date_column]
        first, last = pc.min(dates).as_py(), pc.max(dates).as_py()
        if self._written_until and first <= self._written_until:
            self._sorted = False
        self._written_until = max(last, self._written_until or last)
        table = self._unique(table)
        self._account(table)
        self._writing.result()
        self._writing = self._background.submit(self._writer.write_table, table, row_group_size=_ROW_GROUP_ROWS)

    def _unique(self, table: pa.Table) -> pa.Table:
        """`table` sorted by key, each key once. The same row twice is harmless and dropped; two rows that
        contradict each other are not."""
        date_first = [self.contract.date_column, *(c for c in self.contract.key if c != self.contract.date_column)]
        table = table.sort_by([(name, "ascending") for name in date_first])
        same = _equals_previous(table, self.contract.key)
        if not pc.any(same).as_py():
            return table
        names = [f.name for f in self._schema]
        conflict = pc.index(pc.and_not(same, _equals_previous(table, names)), True).as_py()
        if conflict >= 0:
            rows = [table.slice(conflict - 1 + n, 1).to_pylist()[0] for n in (0, 1)]
            names = [name for name in names if rows[0][name] != rows[1][name]]
            raise self._rejected(
                None,
                table.slice(conflict, 1),
                "two rows share this key and differ in "
                + ", ".join(f"{name} ({rows[0][name]} and {rows[1][name]})" for name in names[:5]),
                "report it to ODRÉ",
            )
        self.outcome.repeated += pc.sum(same).as_py()
        return table.filter(pc.invert(same))

    def _account(self, table: pa.Table) -> None:
        outcome = self.outcome
        outcome.written += table.num_rows
        observed = table.filter(table[self.contract.observed_column].is_valid())
        outcome.observed += observed.num_rows
        if observed.num_rows:
            extent = pc.min_max(observed[self.contract.filter_column]).as_py()
            outcome.first = min(extent["min"], outcome.first or extent["min"])
            outcome.last = max(extent["max"], outcome.last or extent["max"])
        for name in self._observed_valid:
            self._observed_valid[name] += observed.num_rows - observed[name].null_count

    def _refuse_wholly_null(self) -> None:
        if self.outcome.observed < _WHOLLY_NULL_ROWS:
            return
        if empty := [name for name, valid in self._observed_valid.items() if not valid]:
            raise DataRejected(
                self.contract.dataset_id,
                f"column {', '.join(empty)} is null on all {self.outcome.observed} observed rows of {self.window}",
                "the source has lost values it is there to give: try again later, or report it to ODRÉ",
            )

    def _sort_file(self) -> None:
        """The rare case, an export that ignored `order_by`: sort what was written, in memory."""
        log.warning("%s: the export is not sorted by day; sorting it here", self.contract.dataset_id)
        table = pq.read_table(self.destination, schema=self._schema)
        before = self.outcome
        self.outcome = Outcome(received=before.received, repeated=before.repeated)
        self.outcome.unknown_columns, self.outcome.absent_columns = before.unknown_columns, before.absent_columns
        self.outcome.unusual = before.unusual
        self._observed_valid = dict.fromkeys(self._observed_valid, 0)
        table = self._unique(table)
        self._account(table)
        pq.write_table(table, self.destination, row_group_size=_ROW_GROUP_ROWS, **self._encoding)

    def _rejected(self, row: int | None, table: pa.Table, cause: str, fix: str) -> DataRejected:
        index = 0 if row is None else row
        known = [name for name in self.contract.key if name in table.column_names]
        key = ", ".join(f"{name}={table[name][index].as_py()}" for name in known)
        where = f"row with {key}" if row is None else f"row {self.outcome.received + row + 1} ({key})"
        return DataRejected(self.contract.dataset_id, f"{where}: {cause}", fix)


def _since_midnight(clock_times: pa.ChunkedArray) -> pa.Array:
    """Durations (µs) of clock times `HH:MM`; null for what is none. Each of the few that there are is read once."""
    encoded = clock_times.combine_chunks().dictionary_encode()
    read = pc.strptime(encoded.dictionary, "%H:%M", "us", error_is_null=True)
    since = pc.subtract(read, pc.floor_temporal(read, unit="day"))
    exact = pc.equal(pc.strftime(read, "%H:%M"), encoded.dictionary)
    return pc.if_else(exact, since, pa.scalar(None, since.type)).take(encoded.indices)


def _equals_previous(table: pa.Table, names: list[str]) -> pa.Array:
    """Whether each row has the same values in `names` as the row before it; nulls are equal."""
    result = pa.array([False] + [True] * (table.num_rows - 1))
    for name in names:
        values = table[name].combine_chunks()
        values = values if isinstance(values, pa.Array) else pa.concat_arrays(values.chunks)
        current, previous = values[1:], values[:-1]
        same = pc.fill_null(pc.equal(current, previous), False)
        same = pc.or_(same, pc.and_(current.is_null(), previous.is_null()))
        result = pc.and_(result, pa.concat_arrays([pa.array([False]), same]))
    return result


def _batches(export: Path, contract: Contract, outcome: Outcome) -> Iterator[pa.Table]:
    """Batches of the export with the contract's column names, unknown columns dropped."""
    with export.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"PAR1"):
        yield from _parquet_batches(export, contract, outcome)
    elif b"\0" in head or not head.strip() or head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"<", b"{", b"["):
        raise SourceUnavailable(
            contract.dataset_id,
            f"the export is no data file but {' '.join(head.decode(errors='replace').split())[:120] or 'empty'!r}",
            "the API may be under maintenance; try again later",
        )
    else:
        yield from _csv_batches(export, contract, outcome)


def _parquet_batches(export: Path, contract: Contract, outcome: Outcome) -> Iterator[pa.Table]:
    try:
        file = pq.ParquetFile(export, pre_buffer=False)
    except pa.ArrowInvalid as error:
        raise SourceUnavailable(
            contract.dataset_id, f"the export is cut off or damaged ({error})", "try again later"
        ) from None
    names = _match(file.schema_arrow.names, contract, outcome)
    try:
        for batch in file.iter_batches(_BATCH_ROWS, columns=list(names), use_threads=False):
            yield pa.table(batch.columns, names=[names[name] for name in batch.schema.names])
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceUnavailable(contract.dataset_id, f"the export is damaged ({error})", "try again later") from None


def _csv_batches(export: Path, contract: Contract, outcome: Outcome) -> Iterator[pa.Table]:
    with export.open("rb") as file:
        header = file.readline().decode("utf-8-sig", errors="replace").rstrip("\r\n")
    delimiter = max(";,\t", key=header.count)
    headers = [name.strip('"') for name in header.split(delimiter)]
    names = _match(headers, contract, outcome)
    try:
        reader = pyarrow.csv.open_csv(
            export,
            read_options=pyarrow.csv.ReadOptions(block_size=8 << 20, skip_rows=1, column_names=headers),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=list(names),
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
        for batch in reader:
            yield pa.table(batch.columns, names=[names[name] for name in batch.schema.names])
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise DataRejected(
            contract.dataset_id, f"the CSV export cannot be read ({error})", "try again later, or report it to ODRÉ"
        ) from None


def _match(headers: list[str], contract: Contract, outcome: Outcome) -> dict[str, str]:
    """Contract column for each known header of a response.

    :raises DataRejected: a required column is not there.
    """
    names = {header: contract.by_header[fold(header)] for header in headers if fold(header) in contract.by_header}
    unknown = [header for header in headers if header not in names]
    absent = [column.name for column in contract.columns if column.name not in names.values()]
    if missing := [name for name in absent if name in contract.required]:
        hints = [
            f"{name} (is it {close[0]}, renamed?)" if (close := difflib.get_close_matches(name, unknown, 1)) else name
            for name in missing
        ]
        raise DataRejected(
            contract.dataset_id,
            f"required column {', '.join(hints)} is not in the response; it has {', '.join(headers)}",
            f"if the source renamed it, add the new name to aliases in the contract of {contract.table}",
        )
    if unknown and set(unknown) - set(outcome.unknown_columns):
        log.warning("%s: ignoring columns that the contract does not know: %s", contract.dataset_id, ", ".join(unknown))
        outcome.unknown_columns = sorted({*outcome.unknown_columns, *unknown})
    if absent and set(absent) - set(outcome.absent_columns):
        log.info("%s: not in the response, null in the table: %s", contract.dataset_id, ", ".join(absent))
        outcome.absent_columns = sorted({*outcome.absent_columns, *absent})
    return names


def _iso(value: datetime | date | None) -> str | None:
    return value.isoformat() if value is not None else None
