"""Answers of the source, merged in any order, end in one table: that of the oracle, and the same for every order.

The statement is the pipeline's, as the emulator translates it, and runs in DuckDB; nothing else runs, so there are many
examples. `test_histories` runs the whole ingestion."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from odre.contract import load_contract
from odre.window import Window

from tests.examples import examples
from tests.histories.engines import Translated
from tests.histories.oracle import Capture, Oracle
from tests.histories.publisher import DAYS, PUBLISHERS
from tests.histories.steps import phases
from tests.plans import load

EXAMPLES = int(os.environ.get("HISTORIES", "0")) or examples(20)
MIDNIGHT = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
windows = st.sampled_from([(first, last) for first in range(DAYS) for last in range(first, DAYS)])


class Table:
    """A landing table and its oracle, which must agree after every load."""

    def __init__(self, table: str, folder: Path) -> None:
        self.engine, self.oracle, self.folder = Translated(load_contract(table)), Oracle(table), folder

    def merge(self, capture: Capture) -> bool:
        """Merge a capture; whether a day was held back."""
        contract, file = self.engine.contract, self.folder / "batch.parquet"
        columns = {c.name: [as_typed(row.get(c.name), c.data_type) for row in capture.rows] for c in contract.columns}
        schema = pa.schema([pa.field(f.name, f.type) for f in contract.arrow_schema])
        pq.write_table(pa.table(columns, schema=schema), file)
        self.engine.load("", file, "batch", 0)
        asked = MIDNIGHT + dt.timedelta(seconds=capture.asked)
        kept, held_back = self.engine.merge(
            "batch", load(Window(capture.first, capture.last), len(capture.rows), asked)
        )
        verdict = self.oracle.accept(capture)
        assert ({str(day) for day in kept}, {str(day) for day in held_back}) == (verdict.kept, verdict.held_back)
        assert self.rows() == sorted(
            repr([as_typed(row.get(c.name), c.data_type) for c in contract.columns])
            for row in self.oracle.held.values()
        )
        return bool(held_back)

    def rows(self) -> list[str]:
        columns = self.engine.contract.columns
        return sorted(repr([as_typed(row[c.name], c.data_type) for c in columns]) for row in self.engine.rows())


def as_typed(value: object, data_type: str) -> object:
    if value is None:
        return None
    if data_type == "DATE":
        return dt.date.fromisoformat(str(value))
    if data_type == "TIMESTAMP":
        return value.astimezone(dt.timezone.utc)
    return float(value) if data_type == "FLOAT64" else value


@pytest.mark.parametrize("table", PUBLISHERS)
def test_any_order_of_merges_ends_in_the_same_table(table, tmp_path_factory):
    folder, kind = tmp_path_factory.mktemp(table), PUBLISHERS[table]
    # A site that goes to another operator and is withdrawn there afterwards may stand as the former's or not at all.
    changes = st.builds(
        lambda *drawn: drawn, st.sampled_from([c for c in kind.changes if c != "hand_over"]),
        st.integers(0, DAYS - 1), st.integers(0, 3),
    )  # fmt: skip
    episodes = st.lists(st.tuples(st.lists(changes, min_size=1, max_size=3), windows), min_size=2, max_size=5)

    @settings(max_examples=EXAMPLES, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck), phases=phases())  # fmt: skip
    @given(episodes, st.randoms(use_true_random=False))
    def check(drawn, random) -> None:
        publisher = kind(dt.date(2022, 12, 29))
        for number in range(DAYS):
            publisher.change("publish", number, 3)
        captures = []
        for moment, (changed, (first, last)) in enumerate(drawn):
            for change in changed:
                publisher.change(*change)
            capture = Capture.of(publisher, publisher.day(first), publisher.day(last), moment)
            if capture.rows:
                captures.append(capture)
        ends = []
        for order in (captures, random.sample(captures, len(captures))):
            table_ = Table(table, folder)
            held_back = [table_.merge(capture) for capture in order]
            event(f"held back: {any(held_back)}")
            ends.append((any(held_back), table_.rows()))
        # Whether a batch would lose data depends on the standing rows.
        assume(not any(held_back for held_back, _ in ends))
        event(f"out of order: {len(captures)}")
        assert ends[0][1] == ends[1][1]

    check()
