"""A folder of real exports, served as they are.

A file belongs to the dataset whose id its name begins with. Shapes: CSV (labels or technical names, `;`
or `,`, with or without BOM), Parquet, v1 JSON (`records[].fields`), v2.1 JSON (a list, or `results`) and
JSON lines. Several snapshots of one dataset are united: sorted by file name, so that `…_asof-2022-12`
comes before `…_asof-2023-04`, and the last one that holds a key wins. Values are not cleaned: what is
text in one snapshot and a number in another is served as text.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from laptop.replica.schemas import DATASETS, Dataset, slug

log = logging.getLogger(__name__)
_SUFFIXES = {".csv", ".parquet", ".json", ".jsonl"}


class UnreadableExport(ValueError):
    """A file of the folder cannot be read; the message names it and says why."""


def load(folder: Path, known: Mapping[str, Dataset] = DATASETS) -> dict[str, pa.Table]:
    """Every dataset of the folder; a dataset without files is there, with no rows.

    :param known: the datasets that files can belong to, by id.
    :raises UnreadableExport: a file cannot be read, or the folder holds no export at all.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        owner = next((i for i in sorted(known, key=len, reverse=True) if path.name.startswith(i)), None)
        if owner and path.suffix in _SUFFIXES:
            found.setdefault(owner, []).append(path)
        else:
            log.warning("%s: not served, its name begins with no dataset id (%s)", path.name, ", ".join(known))
    if not found:
        raise UnreadableExport(f"{folder} holds no export → name files after their dataset, {', '.join(known)}")
    return {name: _unite(dataset, found.get(name, [])) for name, dataset in known.items()}


def _unite(dataset: Dataset, paths: list[Path]) -> pa.Table:
    if not paths:
        return pa.schema([(f.name, f.arrow_type) for f in dataset.fields]).empty_table()
    snapshots = [_typed(dataset, _read(path, dataset)) for path in paths]
    names = list(dict.fromkeys(name for table in snapshots for name in table.column_names))
    types = {name: _common([t.schema.field(name).type for t in snapshots if name in t.column_names]) for name in names}
    aligned = []
    for number, table in enumerate(snapshots):
        columns = [
            table[name].cast(types[name]) if name in table.column_names else pa.nulls(table.num_rows, types[name])
            for name in names
        ]
        aligned.append(pa.table([*columns, pa.array([number] * table.num_rows, pa.int32())], names=[*names, "_n"]))
    united = pa.concat_tables(aligned)
    if len(paths) == 1:
        return united.drop_columns("_n")
    key = ", ".join(f'"{name}"' for name in dataset.key or names)
    with duckdb.connect() as connection:
        connection.register("united", united)
        newest = f"qualify rank() over (partition by {key} order by _n desc) = 1"
        return connection.sql(f"select * exclude (_n) from united {newest}").to_arrow_table()


def _common(types: list[pa.DataType]) -> pa.DataType:
    different = set(types)
    if len(different) == 1:
        return types[0]
    numbers = all(pa.types.is_integer(t) or pa.types.is_floating(t) for t in different)
    return pa.float64() if numbers else pa.string()


def _read(path: Path, dataset: Dataset) -> pa.Table:
    try:
        if path.suffix == ".parquet":
            table = pq.read_table(path)
        elif path.suffix == ".csv":
            table = _read_csv(path)
        else:
            table = _read_json(path)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise UnreadableExport(f"{path.name} cannot be read: {error}") from error
    labels = {slug(field.label): field.name for field in dataset.fields}
    return table.rename_columns([labels.get(slug(name), name) for name in table.column_names])


def _read_csv(path: Path) -> pa.Table:
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline().rstrip("\r\n")
    delimiter = max(";,\t", key=header.count)
    names = [name.strip('"') for name in header.split(delimiter)]
    return pyarrow.csv.read_csv(
        path,
        read_options=pyarrow.csv.ReadOptions(column_names=names, skip_rows=1),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )


def _read_json(path: Path) -> pa.Table:
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    else:
        body = json.loads(text)
        rows = body if isinstance(body, list) else body.get("results") or [r["fields"] for r in body["records"]]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    return pa.table({name: _column(values) for name, values in columns.items()})


def _column(values: list) -> pa.Array:
    try:
        return pa.array(values)
    except pa.ArrowInvalid:
        return pa.array([None if value is None else str(value) for value in values])


def _typed(dataset: Dataset, table: pa.Table) -> pa.Table:
    """Columns as ODRÉ types them, where every value allows it."""
    for position, name in enumerate(table.column_names):
        field = dataset.field(name)
        if field is None or table[name].type == field.arrow_type or field.type == "text":
            continue
        try:
            table = table.set_column(position, name, table[name].cast(field.arrow_type))
        except pa.ArrowException:
            log.info("%s.%s stays %s", dataset.id, name, table[name].type)
    return table
