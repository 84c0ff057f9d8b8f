"""Datasets that the replica serves from a description: a contract, or a catalogue file.

A contract makes a dataset known to the replica as soon as its file is there. A catalogue file has the form of the
API's own answers, so that what `curl` saves of the real API can be served again:

    curl "$ODRE/api/explore/v2.1/catalog/datasets/<id>" > catalogue.json

It holds one such dataset, a list of them, or the listing (`{"results": [...]}`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from odre.contract import Contract, load_contract, plain, tables

from laptop.replica.schemas import ARROW_TYPES, DATASETS, Dataset, Field

#: BigQuery type of a contract -> Explore field type.
_EXPLORE_TYPES = {"STRING": "text", "DATE": "date", "TIMESTAMP": "datetime", "INT64": "int", "FLOAT64": "double"}


class UnreadableCatalogue(ValueError):
    """The catalogue file cannot be read as a description of datasets; the message names the file and the reason."""


def known_datasets(catalogue: Path | None = None) -> dict[str, Dataset]:
    """Every dataset the replica can serve, by id: those of the sample, of the contracts, and of a catalogue file.

    :raises UnreadableCatalogue: the catalogue file cannot be read.
    """
    known = {contract.dataset_id: from_contract(contract) for contract in further_contracts()}
    for name, dataset in (read_catalogue(catalogue) if catalogue else {}).items():
        # The contract says which columns identify a row and which one is observed; the catalogue does not.
        described = known.get(name, dataset)
        known[name] = replace(dataset, key=described.key, observed=described.observed, maturity=described.maturity)
    return {name: _as_the_pipeline_reads_it(dataset) for name, dataset in (known | DATASETS).items()}


def _as_the_pipeline_reads_it(dataset: Dataset) -> Dataset:
    """A dataset with the properties that only its contract has: required columns, further headers, entities."""
    contracts = map(load_contract, tables())
    contract = next((c for c in contracts if dataset.id in (c.dataset_id, c.history_dataset_id)), None)
    if contract is None:
        return dataset
    entities = contract.entities.members if contract.entities else ()
    return replace(
        dataset,
        needed=tuple(column.name for column in contract.columns if column.name in contract.required),
        also=tuple((header, column.name) for column in contract.columns for header in column.aliases),
        entity=contract.entities.column if contract.entities else "",
        entities=tuple((plain(name), entity.name) for entity in entities for name in (entity.name, *entity.aliases)),
    )


def further_contracts() -> list[Contract]:
    """Contracts of the datasets that the synthetic sample does not imitate."""
    contracts = (load_contract(table) for table in tables())
    return [contract for contract in contracts if contract.dataset_id not in DATASETS]


def from_contract(contract: Contract) -> Dataset:
    """The dataset a contract describes, as the catalogue would present it."""
    return Dataset(
        id=contract.dataset_id,
        title=contract.title,
        publisher=contract.publisher,
        keywords=(),
        key=tuple(contract.key),
        fields=tuple(Field(c.name, c.label, _EXPLORE_TYPES[c.data_type], c.description) for c in contract.columns),
        license=contract.license,
        description=contract.description,
        observed=contract.observed_column,
        maturity=(contract.maturity.column, tuple(contract.maturity.order)) if contract.maturity else None,
    )


def read_catalogue(path: Path) -> dict[str, Dataset]:
    """The datasets of a catalogue file, by id.

    :raises UnreadableCatalogue: the file cannot be read, or is not in the form of the API's catalogue.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8-sig"))
        answers = body if isinstance(body, list) else body.get("results", [body])
        datasets = [_from_answer(answer) for answer in answers]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableCatalogue(
            f"{path.name} is not a catalogue of the Explore API ({type(error).__name__}: {error}) "
            "→ save the answer of /api/explore/v2.1/catalog/datasets/<id> in it"
        ) from error
    return {dataset.id: dataset for dataset in datasets}


def _from_answer(answer: Mapping[str, Any]) -> Dataset:
    metas = (answer.get("metas") or {}).get("default") or {}
    return Dataset(
        id=answer["dataset_id"],
        title=metas.get("title") or answer["dataset_id"],
        publisher=metas.get("publisher") or "",
        keywords=tuple(metas.get("keyword") or ()),
        key=(),
        fields=tuple(_served(answer["fields"])),
        license=metas.get("license") or Dataset.license,
        description=metas.get("description") or "",
    )


def _served(fields: Iterable[Mapping[str, Any]]) -> Iterable[Field]:
    """The fields the replica can hold; places and shapes on a map are left out."""
    for field in fields:
        if field["type"] in ARROW_TYPES:
            yield Field(field["name"], field.get("label") or field["name"], field["type"], field.get("description"))
