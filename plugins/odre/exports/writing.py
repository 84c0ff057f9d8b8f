"""One canonical Parquet file from the exports of a window: sorted, each key once, all rows accounted for."""

from __future__ import annotations

import dataclasses
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from odre.contract import Contract
from odre.errors import DataRejected
from odre.exports.aside import Aside
from odre.exports.casting import CastError, cast_batch, cast_column, readable
from odre.exports.checks import (
    Finding,
    all_findings,
    contradictions,
    in_order,
    lost_measures,
    repeats,
    unusual_values,
)
from odre.exports.entities import unknown_entities, with_canonical_entities, with_canonical_maturity
from odre.exports.outcome import Outcome
from odre.exports.reading import Headers, open_export
from odre.window import Window

log = logging.getLogger(__name__)

_ROW_GROUP_ROWS = 1 << 16


class CanonicalWriter:
    """Writes one canonical Parquet file from one or more exports of the same window.

    Exports usually come in ascending order of days. When one does not, the file is sorted in memory at the end. Batches
    pass through one by one, and only the rows of the last day seen are carried from one batch to the next.

    Days and rows that break the contract are left out and kept in `aside`.

    Use it as a context manager: when the block ends without an error, the file is complete and `outcome` is final.

    :param contract: the contract that the data must keep.
    :param window: days that rows may have.
    :param destination: file to write.
    :param metadata: key-value metadata of the file.
    :raises DataRejected: at the end of the block, when a required measure is null on all observed rows, or when no
        row is left that keeps the contract.
    """

    def __init__(
        self, contract: Contract, window: Window, destination: Path, metadata: dict[str, str] | None = None
    ) -> None:
        self.contract, self.window, self.destination = contract, window, destination
        self.outcome, self.aside = Outcome(), Aside(contract)
        self.days_received = set[date]()
        self._schema = contract.arrow_schema.with_metadata(metadata)
        self._carried: pa.Table | None = None
        self._written_until: date | None = None
        self._sorted = True
        self._valid = dict.fromkeys(contract.required_measures, 0)
        self._writer = pq.ParquetWriter(destination, self._schema, **self._encoding)
        # One batch is compressed while the next one is read and checked. More batches at a time would take more memory.
        self._background, self._writing = ThreadPoolExecutor(1), Future[None]()
        self._writing.set_result(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        with self._writer, self._background:
            if error_type is not None:
                return
            if self._carried is not None:
                self._write(self._carried)
            self._writing.result()
        if not self._sorted:
            self._sort_file()
        if self.aside.first and not self.outcome.written:
            raise self.aside.first
        self._refuse_lost_measures()
        if unusual := self.outcome.unusual:
            log.warning(
                "%s: values outside what the contract calls usual were loaded; look at them in %s: %s",
                self.contract.dataset_id,
                self.window,
                ", ".join(f"{name} ({rows} rows)" for name, rows in unusual.items()),
            )

    def add(self, export: Path, superseded: frozenset[date] = frozenset()) -> int:
        """Append the rows of an export.

        :param superseded: days whose rows are dropped, because another export answers them.
        :returns: number of rows received.
        :raises SourceUnavailable: the file is no export, or is cut off.
        :raises DataRejected: the data break the contract.
        """
        before, opened = self.outcome.received, open_export(export, self.contract)
        self._note(opened.headers)
        for batch in opened.batches:
            table = self._checked(batch, superseded)
            self.outcome.received += batch.num_rows
            for name, rows in unusual_values(table, self.contract).items():
                self.outcome.unusual[name] = self.outcome.unusual.get(name, 0) + rows
            self.days_received.update(table[self.contract.date_column].unique().to_pylist())
            self._append(table)
        return self.outcome.received - before

    def _checked(self, batch: pa.Table, superseded: frozenset[date]) -> pa.Table:
        """The rows of a batch that keep the contract, cast. Earlier rows of a day that is set aside here may have been
        written already; `_sort_file` takes them out again."""
        contract, first, known = self.contract, self.outcome.received + 1, set(self.aside.days)
        numbers = pa.array(range(first, first + batch.num_rows), pa.int64())
        if superseded:
            dates = self._days_of(batch)
            kept = pc.invert(pc.is_in(dates, pa.array(sorted(superseded), pa.date32())))
            before = batch.num_rows
            batch, numbers = batch.filter(kept), numbers.filter(kept)
            self.outcome.superseded += before - batch.num_rows
        while True:
            try:
                table = cast_batch(batch, contract, self._schema)
                break
            except CastError as error:
                kept = self.aside.apply(batch, _uncastable(error, batch, contract), numbers)
                if kept is None:
                    raise
                batch, numbers = batch.filter(kept), numbers.filter(kept)
        table = with_canonical_entities(table, contract)
        table = with_canonical_maturity(table, contract)
        findings = [*all_findings(table, contract, self.window), *unknown_entities(table, contract)]
        kept = self.aside.apply(table, findings, numbers)
        if any(day <= (self._written_until or date.min) for day in self.aside.days - known):
            self._sorted = False  # rows of that day may have been written: `_sort_file` takes them out again
        return table if kept is None else table.filter(kept)

    def _days_of(self, batch: pa.Table) -> pa.Array:
        column = self.contract.by_name[self.contract.date_column]
        values = batch[column.name].combine_chunks()
        values = values if isinstance(values, pa.Array) else pa.concat_arrays(values.chunks)
        try:
            return cast_column(values, column, pa.date32())
        except CastError as error:
            raise DataRejected(self.contract.dataset_id, str(error), "report it to ODRÉ") from None

    @property
    def _encoding(self) -> dict[str, Any]:
        """Only text and dates are encoded with dictionaries, because dictionaries of measures cost time and make the
        file a fifth larger."""
        text = [f.name for f in self._schema if pa.types.is_string(f.type) or pa.types.is_date(f.type)]
        return {"compression": "zstd", "use_dictionary": text}

    def _note(self, headers: Headers) -> None:
        dataset, outcome = self.contract.dataset_id, self.outcome
        if set(headers.unknown) - set(outcome.unknown_columns):
            log.warning("%s: ignoring columns that the contract does not know: %s", dataset, ", ".join(headers.unknown))
            outcome.unknown_columns = sorted({*outcome.unknown_columns, *headers.unknown})
        if set(headers.absent) - set(outcome.absent_columns):
            log.info("%s: not in the response, null in the table: %s", dataset, ", ".join(headers.absent))
            outcome.absent_columns = sorted({*outcome.absent_columns, *headers.absent})

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
        table = self.aside.without_days(table)
        table = self._unique(table) if table.num_rows else table
        if not table.num_rows:
            return
        dates = table[self.contract.date_column]
        first, last = pc.min(dates).as_py(), pc.max(dates).as_py()
        if self._written_until and first <= self._written_until:
            self._sorted = False
        self._written_until = max(last, self._written_until or last)
        self._account(table)
        self._writing.result()
        self._writing = self._background.submit(self._writer.write_table, table, row_group_size=_ROW_GROUP_ROWS)

    def _unique(self, table: pa.Table) -> pa.Table:
        """`table` sorted by day and key, each key once.

        A row that came twice is kept once. A day on which two rows share a key and contradict each other is set aside.
        """
        date_first = [self.contract.date_column, *(c for c in self.contract.key if c != self.contract.date_column)]
        if not in_order(table, date_first):  # rarely, because exports are asked for in this order
            table = table.sort_by([(name, "ascending") for name in date_first])
        repeated = repeats(table, self.contract)
        if not pc.any(repeated).as_py():
            return table
        kept = self.aside.apply(table, list(contradictions(table, repeated)), None)
        if kept is not None:
            table, repeated = table.filter(kept), repeated.filter(kept)
        self.outcome.repeated += pc.sum(repeated).as_py() or 0
        return table.filter(pc.invert(repeated))

    def _account(self, table: pa.Table) -> None:
        outcome = self.outcome
        outcome.written += table.num_rows
        observed = table.filter(table[self.contract.observed_column].is_valid())
        outcome.observed += observed.num_rows
        if observed.num_rows:
            extent = pc.min_max(observed[self.contract.filter_column]).as_py()
            outcome.first = min(extent["min"], outcome.first or extent["min"])
            outcome.last = max(extent["max"], outcome.last or extent["max"])
        for name in self._valid:
            self._valid[name] += observed.num_rows - observed[name].null_count

    def _sort_file(self) -> None:
        """Sort the written rows in memory, and take out those that were set aside later. This is rarely needed: when an
        export ignored `order_by`, or when a row breaks the contract after other rows of its day were written."""
        log.warning(
            "%s: sorting the file, because its rows are not in order or some have to be taken out",
            self.contract.dataset_id,
        )
        table = pq.read_table(self.destination, schema=self._schema)
        self.outcome = dataclasses.replace(self.outcome, written=0, observed=0, first=None, last=None)
        self._valid = dict.fromkeys(self._valid, 0)
        table = self.aside.without_days(table)
        table = self._unique(table) if table.num_rows else table
        self._account(table)
        pq.write_table(table, self.destination, row_group_size=_ROW_GROUP_ROWS, **self._encoding)

    def _refuse_lost_measures(self) -> None:
        if lost := lost_measures(self.outcome.observed, self._valid):
            raise DataRejected(
                self.contract.dataset_id,
                f"column {', '.join(lost)} is null on all {self.outcome.observed} observed rows of {self.window}",
                "the source has lost these values: try again later, or report it to ODRÉ",
            )


def _uncastable(error: CastError, batch: pa.Table, contract: Contract) -> list[Finding]:
    """A finding for every value that cannot be cast. It concerns the whole answer when the day of its row is not
    known."""
    name, fix = error.column.name, "report it to ODRÉ, or widen the contract"
    if not error.indices or name == contract.date_column:
        return [Finding(row, str(error), fix, column=name, scope="answer") for row in (error.indices or [0])[:1]]
    return [
        Finding(row, f"column {name}: expected {error.expected}, got {readable(batch[name][row])!r}", fix, column=name)
        for row in error.indices
    ]
