"""Gives entities and states of maturity the spelling of the contract, and finds rows of entities that the contract does
not declare."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from odre.contract import Contract, plain
from odre.contract_columns import Entity
from odre.exports.checks import Finding


def with_canonical_entities(table: pa.Table, contract: Contract) -> pa.Table:
    """`table` with every declared entity in the spelling of the contract, and with the labels that follow from it.

    A label stays when the contract gives it to any entity, because a site can change its operator. Values of
    entities that are not declared stay as they are; `unknown_entities` finds them.
    """
    if not contract.entities or not table.num_rows:
        return table
    known = _by_spelling(contract)
    column, labels = contract.entities.column, {n for entity in contract.entities.members for n in entity.sets}
    found = table[column].combine_chunks().dictionary_encode()
    entities = [known.get(plain(str(value))) for value in found.dictionary.to_pylist()]
    if pa.types.is_string(found.type.value_type):
        names = [
            entity.name if entity else value
            for entity, value in zip(entities, found.dictionary.to_pylist(), strict=True)
        ]
        table = _with(table, column, pa.array(names, pa.string()).take(found.indices))
    for label in sorted(labels):
        declared = {
            plain(entity.sets[label]): entity.sets[label]
            for entity in contract.entities.members
            if label in entity.sets
        }
        given = table[label].combine_chunks().dictionary_encode()
        spelled = [declared.get(plain(value)) for value in given.dictionary.to_pylist()]
        implied = [entity.sets.get(label) if entity else None for entity in entities]
        spelling = pc.coalesce(
            pa.array(spelled, pa.string()).take(given.indices),
            pa.array(implied, pa.string()).take(found.indices),
            table[label].combine_chunks(),
        )
        table = _with(table, label, spelling)
    return table


def with_canonical_maturity(table: pa.Table, contract: Contract) -> pa.Table:
    """`table` with every state of maturity in the spelling of the contract. States that the contract does not name stay
    as they are; `odre.exports.checks.unknown_maturities` finds them."""
    if not contract.maturity or not table.num_rows:
        return table
    column, known = contract.maturity.column, {plain(state): state for state in contract.maturity.order}
    found = table[column].combine_chunks().dictionary_encode()
    given = found.dictionary.to_pylist()
    spelled = [known.get(plain(value), value) for value in given]
    return table if spelled == given else _with(table, column, pa.array(spelled, pa.string()).take(found.indices))


def unknown_entities(table: pa.Table, contract: Contract) -> Iterator[Finding]:
    """Rows of entities that the contract does not declare."""
    if not contract.entities or not table.num_rows:
        return
    column, known = contract.entities.column, _by_spelling(contract)
    for value in table[column].unique().to_pylist():
        if value is None or plain(str(value)) in known:
            continue
        names = [entity.name for entity in contract.entities.members]
        near = difflib.get_close_matches(str(value), names, 1, 0.5)
        alias = f"as an alias of {near[0]}" if near else "as an alias of one that is declared"
        for row in pc.indices_nonzero(pc.equal(table[column], value)).to_pylist():
            yield Finding(
                row,
                f"unknown {column} {value}",
                f"add it to entities in the contract of {contract.table}, or {alias}",
                column=column,
                scope="row",
            )


def _by_spelling(contract: Contract) -> dict[str, Entity]:
    members = contract.entities.members if contract.entities else ()
    return {plain(name): entity for entity in members for name in (entity.name, *entity.aliases)}


def _with(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    position = table.schema.get_field_index(name)
    return table.set_column(position, table.schema.field(position), values)
