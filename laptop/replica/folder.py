"""A folder of real exports, served as they are.

A file belongs to the dataset whose id its name begins with; `reading` says which formats are read. Several exports of
one dataset are united. Where they hold the same row, the newer state of it wins:

1. a row with the observed value beats one that holds forecasts only;
2. a more mature row beats a less mature one (definitive, consolidated, real time);
3. a later export beats an earlier one. The later export is the one whose name states the later month or day
   (`…_asof-2023-04.csv`); where names do not say, the one whose observed rows reach further; then the one with the
   greater number of a second download (`X (1).csv`); then the one with more observed rows. Of two that are alike in all
   of this, the one whose name comes later in the alphabet.

The order in which the folder lists its files plays no part.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from laptop.replica.reading import COPY, READERS, UnreadableExport, read_export
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
    """The use of every file of a folder. It looks at names only, and so takes no time.

    :raises UnreadableExport: the folder is none, or holds no export.
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
    """Every dataset of the folder; a dataset without files is there, with no rows.

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


def _age(dataset: Dataset, path: Path, table: pa.Table) -> tuple[str, str, int, int, str]:
    """The sort key of exports of a dataset, earlier ones first."""
    stem = path.stem
    copy = COPY.search(stem)
    stated = _STATED.findall(stem)
    observed = table[dataset.observed] if dataset.observed in table.column_names else pa.nulls(0)
    return (
        stated[-1] if stated else "",
        _last_observed(dataset, table),
        int(copy[1]) if copy else 0,
        len(observed) - observed.null_count,
        path.name,
    )


def _last_observed(dataset: Dataset, table: pa.Table) -> str:
    day = "date" if "date" in table.column_names else None
    if day is None or dataset.observed not in table.column_names:
        return ""
    with duckdb.connect() as connection:
        connection.register("export", table)
        observed = f'"{dataset.observed}" is not null'
        row = connection.execute(f'select max(cast("{day}" as varchar)) from export where {observed}').fetchone()
    return str(row[0]) if row and row[0] else ""


def _newest(dataset: Dataset, united: pa.Table, names: list[str]) -> pa.Table:
    """For every key, the rows of the export that wins. Rows that this export repeats stay repeated."""
    key = ", ".join(f'"{name}"' for name in dataset.key or names)
    observed = f'"{dataset.observed}" is not null' if dataset.observed in names else "true"
    maturity = "0"
    if dataset.maturity and dataset.maturity[0] in names:
        column, order = dataset.maturity
        values = ", ".join("'" + value.replace("'", "''") + "'" for value in order)
        maturity = f'coalesce(list_position([{values}], "{column}"), 0)'
    with duckdb.connect() as connection:
        connection.register("united", united)
        return connection.sql(
            f"""
            with states as (
                select *, bool_or({observed}) over export as _observed, max({maturity}) over export as _maturity
                from united
                window export as (partition by {key}, _n)
            )
            select * exclude (_n, _observed, _maturity) from states
            qualify rank() over (partition by {key} order by _observed desc, _maturity desc, _n desc) = 1
            """
        ).to_arrow_table()


def _common(types: list[pa.DataType]) -> pa.DataType:
    different = set(types)
    if len(different) == 1:
        return types[0]
    numbers = all(pa.types.is_integer(t) or pa.types.is_floating(t) for t in different)
    return pa.float64() if numbers else pa.string()
