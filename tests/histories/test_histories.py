"""Random histories of runs, against an oracle that writes every group of rows once.

A history is a drawn sequence of changes at the source and of runs: asked-for ranges, backfills, scheduled runs with
their look-back, re-runs, runs that overlap (one extracts before another merges, and may merge long after it), old
runs whose MERGE is cleared, API faults, answers with bad days, loads that lose rows, runs killed between two tasks and
retried, statements run twice. Everything is the real code: the operator asks a replica over
HTTP (plan, counts, export, canonical Parquet, upload to the lake), the object is loaded and the statement of
`replace_window` runs. After every run:

1. The table equals the oracle's: for every group that the source answers for as a whole (a day; in gas, an operator's
   day), the rows of the most mature answer, and of these the one asked last. The MERGE says of the same days as the
   oracle that it kept them, because what stands is newer, and that it held them back, because they would lose data.
2. A run that fails, at whatever point, leaves the table as it was; and the MERGE refuses exactly what the
   oracle says is implausible. A day that breaks the contract keeps what stood.

At the end the source stands still. A sweep of all days makes the table what one load into an empty table makes it,
for every group that the source has and that the table does not hold in a more mature state; then any windows, in any
order, change nothing. (Where the sweep would lose data of a day, that day is held back, and invariant 1 stands.)

`HISTORIES=2000` draws so many histories of each dataset, new ones each time; without it the same 210 are run every time. A few run on
the emulator and on the faster engine at once (`engines.Both`), which must agree on every verdict and every row.
"""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import pytest
import uvicorn
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from odre.contract import load_contract, tables
from odre.errors import DataRejected, OdreError
from odre.extracted import Extracted
from odre.hooks.explore import RequestSettings
from odre.operators.extract import OdreToGCSOperator
from odre.window import Request, Window, resolve_window

from laptop.environment import LAKE_BUCKET
from laptop.replica.faults import Fault
from laptop.replica.server import Catalogue, application
from laptop.service import free_port
from laptop.stack import Stack
from laptop.warehouse import Warehouse
from tests.histories.engines import Both, Emulator, Refused, Translated
from tests.histories.oracle import Capture, Oracle
from tests.histories.publisher import DAYS, PARIS, PUBLISHERS, Publisher
from tests.plans import context, load, plan

DEFAULT, WITH_EMULATOR = 70, 3
HISTORIES = int(os.environ.get("HISTORIES", "0"))
# Days at which calendars are treacherous: year end, both changes of the clock.
BASES = [dt.date(2022, 12, 29), dt.date(2022, 3, 25), dt.date(2022, 10, 28)]
TODAY = dt.date(2023, 6, 1)
FAILING = ["http_500", "http_400", "html_page", "error_object", "cut_off_body", "interrupted_stream", "garbage",
           "missing_key", "missing_measure", "renamed_column"]  # fmt: skip
FAILING_ON_ROWS = ["fewer_rows", "outside_window", "day_first_dates"]
# Some days of the answer break the contract; when all do, the answer is refused.
BAD_DAYS = ["text_in_number", "absurd_value", "duplicates_conflicting"]
HARMLESS = ["unsorted", "number_as_text", "new_column", "duplicates_equal"]

day = st.integers(0, DAYS - 1)
windows = st.sampled_from([(first, last) for first in range(DAYS) for last in range(first, DAYS)])


@dataclass(frozen=True)
class Change:
    """Something happens at the source."""

    kind: str
    day: int
    part: int


@dataclass(frozen=True)
class Run:
    """A run of the pipeline.

    :param window: first and last day number of its interval, or of its range.
    :param kind: how it was started.
    :param fault: of the API.
    :param lose: rows that the load loses.
    :param killed: after which task the run dies for good.
    :param twice: the statement runs once more, as when a task is retried whose job had succeeded.
    :param late: how many of the following runs merge before this one does.
    :param cleared: afterwards, the MERGE of so many runs ago is cleared; 0 for none.
    """

    window: tuple[int, int]
    kind: str = "asked"
    fault: str | None = None
    lose: int = 0
    killed: str | None = None
    twice: bool = False
    late: int = 0
    cleared: int = 0


def histories(table: str) -> st.SearchStrategy:
    change = st.builds(Change, st.sampled_from(PUBLISHERS[table].changes), day, st.integers(0, 3))
    kinds = st.sampled_from(["asked", "backfill", "scheduled", "full"])
    plain = st.builds(
        Run, windows, kinds, late=st.sampled_from([0, 0, 0, 1]), cleared=st.sampled_from([0, 0, 0, 1, 2, 3])
    )
    troubles = [*[None] * 12, *FAILING, *FAILING_ON_ROWS, *HARMLESS, *BAD_DAYS * 2]
    odd = st.builds(
        Run, windows, kinds, fault=st.sampled_from(troubles), lose=st.sampled_from([0, 0, 0, 1]),
        killed=st.sampled_from([None, None, None, "extract", "load"]), twice=st.booleans(), late=st.integers(0, 2),
    )  # fmt: skip
    published = st.lists(st.builds(Change, st.just("publish"), day, st.just(3)), min_size=3, max_size=DAYS)
    episode = st.tuples(st.lists(change, min_size=1, max_size=3), st.lists(plain | odd, min_size=1, max_size=2))
    return st.tuples(published, st.lists(plain, max_size=1), st.lists(episode, min_size=3, max_size=5)).map(
        lambda parts: [*parts[0], *parts[1], *(step for episode in parts[2] for steps in episode for step in steps)]
    )


class Replica:
    """The replica, in a thread of this process."""

    def __init__(self) -> None:
        self.catalogue = Catalogue(PUBLISHERS[tables()[0]](BASES[0]).served(), synthetic=False)
        for kind in PUBLISHERS.values():
            self.catalogue.publish(kind(BASES[0]).served())
        self.port = free_port()
        self.app = application(self.catalogue)
        self.server = uvicorn.Server(uvicorn.Config(self.app, port=self.port, log_level="warning"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> Replica:
        self.thread.start()
        deadline = time.monotonic() + 30
        while not self.server.started:
            assert self.thread.is_alive() and time.monotonic() < deadline, "the replica did not start"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture(scope="module")
def replica():
    with Replica() as replica:
        yield replica


@pytest.fixture(scope="module")
def stack(tmp_path_factory, replica):
    api = f"http://127.0.0.1:{replica.port}"
    with (
        pytest.MonkeyPatch.context() as patch,
        Stack(state=tmp_path_factory.mktemp("histories"), usual_ports=False, api=api) as stack,
    ):
        for name, value in stack.environment.items():
            patch.setenv(name, value)
        yield stack


@dataclass
class Pending:
    """A run that has been extracted and loaded and is still to merge.

    :param lost: rows that the load has lost.
    """

    run: Run
    capture: Capture
    extracted: Extracted
    file: Path
    batch: str
    lost: int
    wait: int


@dataclass
class World:
    """One history on its way."""

    stack: Stack
    replica: Replica
    publisher: Publisher
    engine: Emulator | Translated | Both
    oracle: Oracle
    pending: list[Pending] = field(default_factory=list)
    merged: list[Pending] = field(default_factory=list)
    numbers = count()

    def change(self, change: Change) -> None:
        self.publisher.change(change.kind, change.day, change.part)
        self.replica.catalogue.publish(self.publisher.served())

    def window_of(self, run: Run) -> Window:
        """The days, as the pipeline decides them for such a run."""
        contract = load_contract(self.oracle.table)
        first, last = (self.publisher.day(number) for number in run.window)
        if run.kind == "full":
            return Window(self.publisher.day(0), self.publisher.day(DAYS - 1))
        start, end = (dt.datetime.combine(d, dt.time(), PARIS) for d in (first, last + dt.timedelta(1)))
        asked = {"start_date": str(first), "end_date": str(last)} if run.kind == "asked" else {}
        request = Request(start, end, look_back=run.kind == "scheduled", **asked)
        short = contract.model_copy(update={"lookback_days": 1, "sweep": None})
        return resolve_window(short, request, TODAY)

    def start(self, run: Run) -> None:
        """Extract and load; the merge comes when `run.late` other runs have merged."""
        window = self.window_of(run)
        number = next(self.numbers)
        capture = Capture.of(self.publisher, window.start, window.end, number)
        fails = run.fault in FAILING or (run.fault in FAILING_ON_ROWS and bool(capture.rows))
        strikes = run.fault in (*FAILING, *HARMLESS) or fails or (run.fault in BAD_DAYS and self._may_be_bad(capture))
        self.replica.app.state.faults[:] = [Fault(run.fault)] if strikes else []
        try:
            left = OdreToGCSOperator(
                task_id="extract", table=self.oracle.table, plan=plan(window.start, window.end, f"raw/{number}"),
                bucket_name=LAKE_BUCKET, request_settings=RequestSettings(attempts=1),
            ).execute(context())  # fmt: skip
        except OdreError as error:
            event(f"extract failed: {type(error).__name__}")
            if not fails and not (run.fault in BAD_DAYS and isinstance(error, DataRejected)):
                raise
            return
        finally:
            self.replica.app.state.faults.clear()
        assert not fails, f"{run.fault} was not noticed"
        extracted = Extracted.from_xcom(left, self.oracle.table)
        bad = {str(day) for day in extracted.days_set_aside}
        assert bool(bad) == (strikes and run.fault in BAD_DAYS), run.fault
        capture.rows = [row for row in capture.rows if str(row["date"]) not in bad]
        event(f"days set aside: {bool(bad)}")
        assert extracted.rows == len(capture.rows)
        if run.killed == "extract":
            return
        lose = min(run.lose, len(capture.rows))
        file = self.stack.lake_folder / LAKE_BUCKET / extracted.object_name
        loaded = Pending(run, capture, extracted, file, f"batch_{number}", lose, run.late)
        self.engine.load(extracted.uri, file, loaded.batch, lose)
        if run.killed != "load":
            self.pending.append(loaded)
        if run.cleared and len(self.merged) >= run.cleared:
            self.clear(self.merged[-run.cleared])

    def _may_be_bad(self, capture: Capture) -> bool:
        """Whether every part of the answer has a row with a value, which the faults need."""
        held = [rows for rows in self.publisher.held.values() if rows]
        return bool(self.oracle.observed(capture.rows)) and len(held) == 1

    def clear(self, old: Pending) -> None:
        """Clear the MERGE of a run: its object is loaded again, and merged again."""
        event("cleared")
        again = replace(old, run=replace(old.run, twice=False), lost=0, wait=0)
        self.engine.load(old.extracted.uri, old.file, old.batch, 0)
        self._merge(again)

    def merge_due(self) -> None:
        """Merge what is due, the earliest first."""
        while due := next((pending for pending in self.pending if pending.wait <= 0), None):
            self.pending.remove(due)
            self._merge(due)
            for pending in self.pending:
                pending.wait -= 1

    def _merge(self, due: Pending) -> None:
        capture, window = due.capture, due.extracted.window
        given = load(window, due.extracted.rows, due.extracted.asked_at, load_id=due.extracted.load_id)
        for _ in range(1 + due.run.twice):
            expected = self.oracle.refusal(capture, len(capture.rows) - due.lost)
            event(f"merge: {expected or 'accepted'}")
            if expected is None:
                answer = self.engine.merge(due.batch, given)
                verdict = self.oracle.accept(capture)
                event(f"kept: {bool(verdict.kept)}, held back: {bool(verdict.held_back)}")
                assert tuple({str(day) for day in days} for days in answer) == (verdict.kept, verdict.held_back)
            else:
                with pytest.raises(Refused, match=expected):
                    self.engine.merge(due.batch, given)
            self.check()
        self.merged.append(due)

    def check(self) -> None:
        """The table is the oracle's, row for row and column for column."""
        contract = load_contract(self.oracle.table)
        expected = [
            tuple(_cast(row.get(c.name), c.data_type) for c in contract.columns) for row in self.oracle.held.values()
        ]
        found = [tuple(_cast(row[c.name], c.data_type) for c in contract.columns) for row in self.engine.rows()]
        assert sorted(map(repr, found)) == sorted(map(repr, expected))


def _cast(value, data_type: str):
    if value is None:
        return None
    if data_type == "DATE":
        return str(value)
    return value.timestamp() if data_type == "TIMESTAMP" else float(value) if data_type == "FLOAT64" else value


def live(world: World, history: list[Change | Run], afterwards: list[tuple[int, int]]) -> None:
    """Live through a history, then let the source stand still, sweep, and run the windows `afterwards`."""
    for step in history:
        if isinstance(step, Change):
            world.change(step)
        else:
            world.start(step)
            world.merge_due()
    for pending in world.pending:
        pending.wait = 0
    world.merge_due()

    sweep = Run((0, DAYS - 1), "full")
    once = Oracle(world.oracle.table)
    capture = Capture.of(world.publisher, world.publisher.day(0), world.publisher.day(DAYS - 1), next(world.numbers))
    plausible = world.oracle.refusal(capture, len(capture.rows)) is None
    verdict = world.oracle.verdict(capture)
    admitted = verdict.admitted
    world.start(sweep)
    world.merge_due()
    if not plausible or verdict.held_back:
        return
    event("swept")
    once.accept(Capture(capture.first, capture.last, admitted, capture.asked))
    found = {once.group(row) for row in admitted}
    assert {key: row for key, row in world.oracle.held.items() if world.oracle.group(row) in found} == once.held
    settled = dict(world.oracle.held)
    for again in afterwards:
        world.start(Run(again))
        world.merge_due()
        assert world.oracle.held == settled


def _settings(examples: int):
    return settings(
        max_examples=examples, deadline=None, derandomize=not HISTORIES, database=None, print_blob=True,
        suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip


def histories_of(table: str, replica: Replica, stack: Stack, make_engine, examples: int) -> None:
    """Live through drawn histories of a table, each on an engine of its own."""

    @_settings(examples)
    @given(st.sampled_from(BASES), histories(table), st.lists(windows, min_size=2, max_size=4))
    def check(base, history, afterwards):
        publisher = PUBLISHERS[table](base)
        replica.catalogue.publish(publisher.served())
        live(World(stack, replica, publisher, make_engine(), Oracle(table)), history, afterwards)

    check()


@pytest.mark.parametrize("table", tables())
def test_any_history_ends_as_if_loaded_once(table, replica, stack):
    contract = load_contract(table)
    histories_of(table, replica, stack, lambda: Translated(contract), HISTORIES or DEFAULT)


@pytest.mark.parametrize("table", tables())
def test_the_emulator_agrees(table, replica, stack):
    contract, warehouse, numbers = load_contract(table), Warehouse(stack.environment), count()

    def both() -> Both:
        return Both(Emulator(warehouse, contract, f"{table}_{next(numbers)}"), Translated(contract))

    histories_of(table, replica, stack, both, WITH_EMULATOR)
