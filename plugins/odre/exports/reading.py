"""Exports, Parquet or CSV, read as batches with the contract's column names.

An export of any length is read in small batches, so that memory does not grow with it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from odre.contract import Contract, fold, unit_of
from odre.errors import DataRejected, SourceUnavailable

# Small batches keep peak memory the same for one year and for twelve, at the same speed.
_BATCH_ROWS = 1 << 14
_CSV_BLOCK_BYTES = 8 << 20


@dataclass(frozen=True)
class Headers:
    """How the headers of an export relate to the columns of the contract.

    :param names: column of the contract for each known header.
    :param unknown: headers that the contract does not know; they are not read.
    :param absent: columns of the contract that the export does not have, none of them required.
    """

    names: dict[str, str]
    unknown: list[str]
    absent: list[str]


@dataclass(frozen=True)
class Export:
    """An export that is open for reading.

    :param batches: tables with columns of the contract, not cast yet; can be read once.
    """

    headers: Headers
    batches: Iterator[pa.Table]


def open_export(path: Path, contract: Contract) -> Export:
    """Recognise the format of an export by its content, and match its headers with the contract.

    :raises SourceUnavailable: the file is no export, or is cut off; the latter may show only while batches are read.
    :raises DataRejected: a required column is missing, or the CSV cannot be read; the latter may show only while
        batches are read.
    """
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"PAR1"):
        return _open_parquet(path, contract)
    if b"\0" in head or not head.strip() or head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"<", b"{", b"["):
        raise SourceUnavailable(
            contract.dataset_id,
            f"the export is not a data file but {' '.join(head.decode(errors='replace').split())[:120] or 'empty'!r}",
            "the API may be under maintenance; try again later",
        )
    return _open_csv(path, contract)


def match_headers(headers: list[str], contract: Contract) -> Headers:
    """Find the contract's column for each header of an export.

    :raises DataRejected: a required column is missing, two headers mean one column, or a header states another
        unit than the contract.
    """
    names = {header: contract.by_header[fold(header)] for header in headers if fold(header) in contract.by_header}
    _refuse_two_of_a_column(headers, names, contract)
    _refuse_other_units(names, contract)
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
    return Headers(names, unknown, absent)


def _refuse_two_of_a_column(headers: list[str], names: dict[str, str], contract: Contract) -> None:
    for column in names.values():
        meaning = [header for header in headers if names.get(header) == column]
        if len(meaning) > 1:
            raise DataRejected(
                contract.dataset_id,
                f"the headers {' and '.join(meaning)} both mean the column {column}",
                f"report it to ODRÉ, or take the wrong one out of the contract of {contract.table}",
            )


def _refuse_other_units(names: dict[str, str], contract: Contract) -> None:
    for header, name in names.items():
        column, stated = contract.by_name[name], unit_of(header)
        if column.unit is None or stated is None:
            continue
        known = {unit_of(f"({column.unit})"), *map(unit_of, (column.label, *column.aliases))}
        if stated not in known:
            raise DataRejected(
                contract.dataset_id,
                f"the header {header} states another unit than the contract has for the column {name}, {column.unit}",
                f"convert the values, or add the header to the column's aliases in the contract of {contract.table}",
            )


def _open_parquet(path: Path, contract: Contract) -> Export:
    try:
        file = pq.ParquetFile(path, pre_buffer=False)
    except pa.ArrowInvalid as error:
        raise SourceUnavailable(
            contract.dataset_id, f"the export is cut off or damaged ({error})", "try again later"
        ) from None
    headers = match_headers(file.schema_arrow.names, contract)
    return Export(headers, _one_ahead(_parquet_batches(file, headers, contract)))


def _parquet_batches(file: pq.ParquetFile, headers: Headers, contract: Contract) -> Iterator[pa.Table]:
    try:
        for batch in file.iter_batches(_BATCH_ROWS, columns=list(headers.names), use_threads=False):
            yield _named(batch, headers)
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceUnavailable(contract.dataset_id, f"the export is damaged ({error})", "try again later") from None


def _one_ahead(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same batches. Each is read in a thread while the one before it is checked, so that memory holds one more."""
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(next, batches, None)
        while (batch := following.result()) is not None:
            following = reader.submit(next, batches, None)
            yield batch


def _open_csv(path: Path, contract: Contract) -> Export:
    with path.open("rb") as file:
        try:
            line = file.readline().decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError:
            raise DataRejected(
                contract.dataset_id, "the headers of the CSV export are not in UTF-8", "ask for UTF-8, or for Parquet"
            ) from None
    delimiter = max(";,\t", key=line.count)
    written = [name.strip('"') for name in line.split(delimiter)]
    headers = match_headers(written, contract)
    return Export(headers, _csv_batches(path, written, delimiter, headers, contract))


def _csv_batches(
    path: Path, written: list[str], delimiter: str, headers: Headers, contract: Contract
) -> Iterator[pa.Table]:
    try:
        reader = pyarrow.csv.open_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(block_size=_CSV_BLOCK_BYTES, skip_rows=1, column_names=written),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=list(headers.names),
                column_types=dict.fromkeys(headers.names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
        for batch in reader:
            yield _named(batch, headers)
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise DataRejected(
            contract.dataset_id, f"the CSV export cannot be read ({error})", "try again later, or report it to ODRÉ"
        ) from None


def _named(batch: pa.RecordBatch, headers: Headers) -> pa.Table:
    return pa.table(batch.columns, names=[headers.names[name] for name in batch.schema.names])
