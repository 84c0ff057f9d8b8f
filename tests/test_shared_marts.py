"""The demo builds every mart, each after the marts that it reads, although its runs leave marts to later runs."""

from __future__ import annotations

import itertools

import pytest
from odre.contract import tables
from odre.lineage import marts_by_subject, read_by, read_manifest

from laptop.shared_marts import left_to_later

MANIFEST = read_manifest()
#: One dataset of those that feed the same marts: orders that differ by their places only are one order.
DIFFERENT = {
    frozenset().union(*marts_by_subject(MANIFEST, table).values()): table for table in reversed(tables())
}.values()


@pytest.mark.parametrize("order", list(itertools.permutations(DIFFERENT)), ids=" ".join)
def test_every_mart_is_built_after_what_it_reads(order):
    built, own_models = set(), set()
    wanted = {mart for table in order for marts in marts_by_subject(MANIFEST, table).values() for mart in marts}
    for position, table in enumerate(order):
        left = left_to_later(table, order[position + 1 :])
        own_models |= {i for i in _downstream(table) if not MANIFEST["nodes"][i]["tags"]}
        marts = set()
        for subject, found in marts_by_subject(MANIFEST, table).items():
            if f"dbt.{subject}" not in left.tasks:
                names = left.narrowed.get(f"dbt.{subject}")
                marts |= {i for i in found if names is None or MANIFEST["nodes"][i]["name"] in names}
        # what the marts read of other datasets is there, or the run builds it first
        neighbours = read_by(MANIFEST, table, marts, "model")
        there = {MANIFEST["nodes"][i]["name"] for i in own_models | built}
        assert neighbours <= there or "neighbour_models" not in left.tasks
        built |= marts
        # a mart that reads marts finds them built: in an earlier run, in this one, or as a neighbour
        for mart in marts:
            read = {parent for parent in MANIFEST["parent_map"][mart] if parent in wanted} - built
            assert {MANIFEST["nodes"][i]["name"] for i in read} <= neighbours, mart
    assert built == wanted


def test_the_last_run_leaves_nothing_out():
    assert all(left_to_later(table, ()) == (set(), {}) for table in tables())


def _downstream(table: str) -> set[str]:
    """Models downstream of a landing table, as unique ids of dbt."""
    found, waiting = set(), [i for i, source in MANIFEST["sources"].items() if source["name"] == table]
    while waiting:
        for child in MANIFEST["child_map"].get(waiting.pop(), ()):
            if child not in found and MANIFEST["nodes"].get(child, {}).get("resource_type") == "model":
                found.add(child)
                waiting.append(child)
    return found
