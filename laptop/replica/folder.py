"""A folder of real exports, served as they are.

A file belongs to the dataset whose id its name begins with; `reading` says which formats are read. Several exports of
one dataset are united. Where they hold the same row, the newer state of it wins:

1. a row with the observed value beats one that holds forecasts only;
2. a more mature row beats a less mature one (definitive, consolidated, real time);
3. a row of a later export beats a row of an earlier one.

The date of an export is the last day for which it holds observed rows, or the month or day that its name states
(`…_asof-2023-04.csv`) if that is later. Of two exports with the same date, the later one is, in this order of criteria,
the one whose observed rows reach further, whose name has the greater number of a second download (`X (1).csv`), which
has more observed rows, which has more values. If all of these are equal, the checksum of the content decides, so that
no other part of a name changes anything.

Rows are the same row if their keys differ only in spellings that the contract of the dataset declares (`TIGF` is
Teréga). Neither the order in which the folder lists its files nor the times of the files matter.
"""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from odre.contract import plain

from laptop.replica.reading import COPY, READERS, read_export
from laptop.replica.refusing import UnreadableExport
from laptop.replica.schemas import DATASETS, Dataset

log = logging.getLogger(__name__)
_STATED = re.compile(r"(?<!\d)(\d{4}-\d{2}(?:-\d{2})?)(?!\d)")


@dataclass(frozen=True)
class Found:
    """The use of one file of the folder: the dataset to which it belongs, or the reason why it is ignored."""

    path: Path
    dataset: str | None
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.path.name}: " + (f"used for {self.dataset}" if self.dataset else f"ignored, {self.reason}")


def survey(folder: Path, known: Iterable[str] = tuple(DATASETS)) -> list[Found]:
    """The use of every file of a folder. It is fast, because it looks at names only.

    :raises UnreadableExport: the path is not a folder, or the folder holds no export.
    """
    ids = sorted(known, key=len, reverse=True)
    try:
        found = [_found(path, ids) for path in sorted(folder.iterdir())]
    except OSError as error:
        raise UnreadableExport(
            f"{folder} cannot be listed ({error.strerror}) → give a folder of ODRÉ exports"
        ) from None
    if not any(file.dataset for file in found):
        listed = "".join(f"\n  {file}" for file in found[:20])
        raise UnreadableExport(f"{folder} holds no export → name files after their dataset, {', '.join(ids)}{listed}")
    return found


def _found(path: Path, ids: list[str]) -> Found:
    owner = next((i for i in ids if path.name.startswith(i) and not path.name[len(i) : len(i) + 1].isalnum()), None)
    if path.is_dir():
        return Found(path, None, "it is a folder")
    if path.suffix.lower() not in READERS:
        return Found(path, None, f"its ending is none of {', '.join(READERS)}")
    return Found(path, owner, "" if owner else "its name begins with no dataset id")


def load(folder: Path, known: Mapping[str, Dataset] = DATASETS) -> dict[str, pa.Table]:
    """The rows of every known dataset; a dataset without files has no rows.

    :param known: the datasets that files can belong to, by id.
    :raises UnreadableExport: a file cannot be read, or the folder holds no export at all.
    """
    found = survey(folder, known)
    for file in found:
        log.info("%s", file)
    tables = {}
    for name, dataset in known.items():
        paths = [file.path for file in found if file.dataset == name]
        if not paths:
            log.warning("%s: the folder has no export of it, and it is served without rows", name)
        tables[name] = _unite(dataset, paths)
    return tables


def _unite(dataset: Dataset, paths: list[Path]) -> pa.Table:
    if not paths:
        return pa.schema([(f.name, f.arrow_type) for f in dataset.fields]).empty_table()
    exports = [(path, read_export(path, dataset)) for path in paths]
    exports.sort(key=lambda export: _age(dataset, *export))
    tables = [table for _, table in exports]
    names = list(dict.fromkeys(name for table in tables for name in table.column_names))
    types = {name: _common([t.schema.field(name).type for t in tables if name in t.column_names]) for name in names}
    aligned = []
    for number, table in enumerate(tables):
        columns = [
            table[name].cast(types[name]) if name in table.column_names else pa.nulls(table.num_rows, types[name])
            for name in names
        ]
        aligned.append(pa.table([*columns, pa.array([number] * table.num_rows, pa.int32())], names=[*names, "_n"]))
    united = pa.concat_tables(aligned)
    return united.drop_columns("_n") if len(tables) == 1 else _newest(dataset, united, names)


def _age(dataset: Dataset, path: Path, table: pa.Table) -> tuple[str, str, int, int, int, str]:
    """The sort key of an export of a dataset; a later export has a greater key."""
    copy = COPY.search(path.stem)
    stated = _STATED.findall(path.stem)
    is_observed = _is_observed(dataset, table)
    reaches = ""
    if "date" in table.column_names:
        reaches = str(pc.max(table["date"].filter(is_observed)).as_py() or "")
    return (
        max(reaches, stated[-1] if stated else ""),
        reaches,
        int(copy[1]) if copy else 0,
        pc.sum(is_observed).as_py() or 0,
        sum(len(values) - values.null_count for values in table.columns),
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _is_observed(dataset: Dataset, table: pa.Table) -> pa.Array | pa.ChunkedArray:
    """Whether each row holds an observed value; true for all rows when the dataset names no observed column."""
    if dataset.observed not in table.column_names:
        return pa.repeat(not dataset.observed, table.num_rows)
    values = table[dataset.observed]
    if not pa.types.is_string(values.type):
        return values.is_valid()
    return pc.match_substring_regex(pc.fill_null(values, ""), r"\d")


def _newest(dataset: Dataset, united: pa.Table, names: list[str]) -> pa.Table:
    """For every key, the rows of the export that wins. Rows that this export repeats stay repeated."""
    judged = united.append_column("_observed", _is_observed(dataset, united)).append_column(
        "_maturity", _maturity(dataset, united)
    )
    keys = [f"_key{position}" for position, _ in enumerate(dataset.key or names)]
    for column, name in zip(keys, dataset.key or names, strict=True):
        judged = judged.append_column(column, _identity(dataset, name, united[name]))
    with duckdb.connect() as connection:
        connection.register("judged", judged)
        return connection.sql(
            f"""
            with states as (
                select *, bool_or(_observed) over export as _any_observed, max(_maturity) over export as _most_mature
                from judged
                window export as (partition by {", ".join(keys)}, _n)
            )
            select {", ".join(f'"{name}"' for name in names)} from states
            qualify rank() over (
                partition by {", ".join(keys)} order by _any_observed desc, _most_mature desc, _n desc
            ) = 1
            """
        ).to_arrow_table()


def _maturity(dataset: Dataset, table: pa.Table) -> pa.Array:
    """The place of each row's state in the order of maturity, from 1; 0 where the state is not known."""
    if dataset.maturity is None or dataset.maturity[0] not in table.column_names:
        return pa.repeat(0, table.num_rows)
    column, order = dataset.maturity
    places = {plain(state): place for place, state in enumerate(order, 1)}
    return _by_value(table[column], lambda value: places.get(plain(value), 0), pa.int64())


def _identity(dataset: Dataset, name: str, values: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """The values of a key column, each in one spelling, so that they identify rows across exports."""
    if name == dataset.entity:
        names = dict(dataset.entities)
        return _by_value(values.cast(pa.string()), lambda value: names.get(plain(value), value.strip()), pa.string())
    if not pa.types.is_string(values.type):
        return values
    return _by_value(values, lambda value: unicodedata.normalize("NFC", value).strip(), pa.string())


def _by_value(values: pa.ChunkedArray, of: Callable[[str], object], kind: pa.DataType) -> pa.Array:
    """The result of a function for each value, called once per distinct value; null where the value is null."""
    encoded = values.combine_chunks().dictionary_encode()
    return pa.array([of(value) for value in encoded.dictionary.to_pylist()], kind).take(encoded.indices)


def _common(types: list[pa.DataType]) -> pa.DataType:
    different = set(types)
    if len(different) == 1:
        return types[0]
    numbers = all(pa.types.is_integer(t) or pa.types.is_floating(t) for t in different)
    return pa.float64() if numbers else pa.string()
