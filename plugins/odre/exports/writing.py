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
from odre.exports.casting import CastError, cast_batch
from odre.exports.checks import (
    Finding,
    all_findings,
    contradictions,
    lost_measures,
    repeats,
    required_measures,
    unusual_values,
)
from odre.exports.outcome import Outcome
from odre.exports.reading import Headers, open_export
from odre.window import Window

log = logging.getLogger(__name__)

_ROW_GROUP_ROWS = 1 << 16


class CanonicalWriter:
    """Writes one canonical Parquet file from one or more exports of the same window.

    Exports come in ascending order of days. When one does not, the file is sorted at the end, in memory. Batches pass
    through one by one, and only the rows of the last day seen are carried from one batch to the next.

    To be used as a context manager; the file is complete, and `outcome` final, when the block ends without an error.

    :param contract: what the data must be.
    :param window: days that rows may have.
    :param destination: file to write.
    :param metadata: key-value metadata of the file.
    :raises DataRejected: at the end of the block, when a required measure is null on all observed rows.
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
        self._valid = dict.fromkeys(required_measures(contract), 0)
        self._writer = pq.ParquetWriter(destination, self._schema, **self._encoding)
        # One batch is compressed while the next one is read and checked. More would take more memory.
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
        self._refuse_lost_measures()
        if unusual := self.outcome.unusual:
            log.warning(
                "%s: values outside what the contract calls usual were loaded; look at them in %s: %s",
                self.contract.dataset_id,
                self.window,
                ", ".join(f"{name} ({rows} rows)" for name, rows in unusual.items()),
            )

    def add(self, export: Path) -> int:
        """Append all rows of an export.

        :returns: number of rows received.
        :raises SourceUnavailable: the file is no export, or is cut off.
        :raises DataRejected: the data break the contract.
        """
        before, opened = self.outcome.received, open_export(export, self.contract)
        self._note(opened.headers)
        for batch in opened.batches:
            try:
                table = cast_batch(batch, self.contract, self._schema)
            except CastError as error:
                finding = Finding(error.index, str(error), "report it to ODRÉ, or widen the contract")
                raise self._rejected(finding, batch) from None
            for finding in all_findings(table, self.contract, self.window):
                raise self._rejected(finding, table)
            for name, rows in unusual_values(table, self.contract).items():
                self.outcome.unusual[name] = self.outcome.unusual.get(name, 0) + rows
            self.outcome.received += table.num_rows
            self._append(table)
        return self.outcome.received - before

    @property
    def _encoding(self) -> dict[str, Any]:
        """Only text and dates get dictionaries: those of measures cost time and make the file a fifth larger."""
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
        """`table` sorted by day and key, each key once.

        A row that came twice is kept once. Two rows that share a key and contradict each other are refused.
        """
        date_first = [self.contract.date_column, *(c for c in self.contract.key if c != self.contract.date_column)]
        table = table.sort_by([(name, "ascending") for name in date_first])
        repeated = repeats(table, self.contract)
        if not pc.any(repeated).as_py():
            return table
        for finding in contradictions(table, repeated):
            raise self._rejected(finding, table, numbered=False)
        self.outcome.repeated += pc.sum(repeated).as_py()
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
        """Sort what was written, in memory: the rare case of an export that ignored `order_by`."""
        log.warning("%s: the export is not sorted by day, so it is sorted here", self.contract.dataset_id)
        table = pq.read_table(self.destination, schema=self._schema)
        self.outcome = dataclasses.replace(self.outcome, written=0, observed=0, first=None, last=None)
        self._valid = dict.fromkeys(self._valid, 0)
        table = self._unique(table)
        self._account(table)
        pq.write_table(table, self.destination, row_group_size=_ROW_GROUP_ROWS, **self._encoding)

    def _refuse_lost_measures(self) -> None:
        if lost := lost_measures(self.outcome.observed, self._valid):
            raise DataRejected(
                self.contract.dataset_id,
                f"column {', '.join(lost)} is null on all {self.outcome.observed} observed rows of {self.window}",
                "the source has lost values that it should give: try again later, or report it to ODRÉ",
            )

    def _rejected(self, finding: Finding, table: pa.Table, numbered: bool = True) -> DataRejected:
        """The error that names the row by its key, and by its number in the response unless `table` was sorted."""
        known = [name for name in self.contract.key if name in table.column_names]
        key = ", ".join(f"{name}={table[name][finding.row].as_py()}" for name in known)
        where = f"row {self.outcome.received + finding.row + 1} ({key})" if numbered else f"row with {key}"
        return DataRejected(self.contract.dataset_id, f"{where}: {finding.cause}", finding.fix)
