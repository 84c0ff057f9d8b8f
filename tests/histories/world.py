"""Runs one history: a source that changes, runs that ask it, and the table and the oracle, which must agree."""

from __future__ import annotations

import datetime as dt
import threading
import time
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import pytest
import uvicorn
from hypothesis import event
from odre.contract import load_contract
from odre.contract_fields import Sweep
from odre.errors import DataRejected, OdreError
from odre.extracted import Extracted
from odre.hooks.explore import RequestSettings
from odre.operators.extract import OdreToGCSOperator
from odre.window import Request, RunKind, Window, resolve_window, run_kind

from laptop.environment import LAKE_BUCKET
from laptop.replica.faults import Fault
from laptop.replica.server import Catalogue, application
from laptop.service import free_port
from laptop.stack import Stack
from tests.histories.engines import Both, Emulator, Refused, Translated
from tests.histories.oracle import Capture, Oracle, Verdict
from tests.histories.publisher import DAYS, PARIS, PUBLISHERS, Publisher
from tests.histories.steps import BAD_DAYS, BASES, FAILING, FAILING_ON_ROWS, HARMLESS, TODAY, Change, Run
from tests.plans import context, load, plan


class Replica:
    """The replica, in a thread of this process."""

    def __init__(self) -> None:
        self.catalogue = Catalogue({}, synthetic=False)
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


@dataclass
class Pending:
    """A run that has been extracted and loaded and is still to merge.

    :param kind: what the ledger calls it.
    :param lost: rows that the load has lost.
    """

    run: Run
    kind: RunKind
    capture: Capture
    extracted: Extracted
    file: Path
    batch: str
    lost: int
    wait: int


@dataclass
class World:
    """The state of one history."""

    stack: Stack
    replica: Replica
    publisher: Publisher
    engine: Emulator | Translated | Both
    oracle: Oracle
    pending: list[Pending] = field(default_factory=list)
    merged: list[Pending] = field(default_factory=list)
    loads: list[tuple[dt.datetime, RunKind]] = field(default_factory=list)
    said: dict[dt.date, tuple[dt.datetime, bool]] = field(default_factory=dict)
    due: dt.datetime | None = None
    numbers = count()

    def change(self, change: Change) -> None:
        self.publisher.change(change.kind, change.day, change.part)
        self.replica.catalogue.publish(self.publisher.served())

    def tick(self) -> None:
        self.due = dt.datetime.now(dt.timezone.utc)

    def sweep_is_owed(self) -> bool:
        """The answer of the ledger. It must agree with the history: something was loaded before the sweep was due, and
        no sweep has been merged since."""
        if self.due is None:
            return False
        since = [kind for asked, kind in self.loads if asked >= self.due]
        owed = len(since) < len(self.loads) and not {"sweep", "full_refresh"} & {*since}
        assert self.engine.sweep_is_owed(self.due) == owed
        event(f"sweep owed: {owed}")
        return owed

    def plan(self, run: Run) -> tuple[Window, RunKind]:
        """The days and the kind, as the pipeline decides them for such a run."""
        contract = load_contract(self.oracle.table)
        first, last = (self.publisher.day(number) for number in run.window)
        if run.kind == "full":
            return Window(self.publisher.day(0), self.publisher.day(DAYS - 1)), "full_refresh"
        start, end = (dt.datetime.combine(d, dt.time(), PARIS) for d in (first, last + dt.timedelta(1)))
        asked = {"start_date": str(first), "end_date": str(last)} if run.kind == "asked" else {}
        scheduled = run.kind == "scheduled"
        request = Request(start, end, look_back=scheduled, sweep_owed=scheduled and self.sweep_is_owed(), **asked)
        # the sweep ticks in none of the intervals of a history: it is due when a `Tick` says so
        sweep = Sweep(schedule="0 0 1 7 *", lookback_days=DAYS)
        short = contract.model_copy(update={"lookback_days": 1, "sweep": sweep})
        return resolve_window(short, request, TODAY), run_kind(short, request)

    def start(self, run: Run) -> None:
        """Extract and load; the merge comes when `run.late` other runs have merged."""
        window, kind = self.plan(run)
        number = next(self.numbers)
        datasets, history = self.replica.catalogue.datasets, load_contract(self.oracle.table).history_dataset_id
        hidden = {history: datasets.pop(history)} if run.gone and history else {}
        self.publisher.is_history_gone = bool(hidden)
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
            datasets.update(hidden)
            self.publisher.is_history_gone = False
        assert not fails, f"{run.fault} was not noticed"
        extracted = Extracted.from_xcom(left, self.oracle.table)
        bad = {str(day) for day in extracted.days_set_aside}
        assert bool(bad) == (strikes and run.fault in BAD_DAYS), run.fault
        capture.rows = [row for row in capture.rows if str(row["date"]) not in bad]
        event(f"days set aside: {bool(bad)}")
        assert extracted.rows == len(capture.rows) and extracted.partial == bool(hidden)
        event(f"history gone: {extracted.partial}")
        if run.killed == "extract":
            return
        lose = min(run.lose, len(capture.rows))
        file = self.stack.lake_folder / LAKE_BUCKET / extracted.object_name
        loaded = Pending(run, kind, capture, extracted, file, f"batch_{number}", lose, run.late)
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
        asked, name = due.extracted.asked_at, due.extracted.load_id
        given = load(
            window, due.extracted.rows, asked, load_id=name, run_kind=due.kind,
            days_set_aside=due.extracted.days_set_aside, days_undecided=due.extracted.days_undecided,
            days_lacking_rows=due.extracted.days_lacking_rows, is_partial=due.extracted.partial,
        )  # fmt: skip
        for _ in range(1 + due.run.twice):
            expected = self.oracle.refusal(capture, len(capture.rows) - due.lost)
            event(f"merge: {expected or 'accepted'}")
            if expected is None:
                answer = self.engine.merge(due.batch, given)
                self.loads.append((asked, "range" if due.extracted.partial else due.kind))
                verdict = self.oracle.accept(capture)
                event(f"kept: {bool(verdict.kept)}, held back: {bool(verdict.held_back)}")
                assert tuple({str(day) for day in days} for days in answer) == (verdict.kept, verdict.held_back)
                self._say(due, verdict)
            else:
                with pytest.raises(Refused, match=expected):
                    self.engine.merge(due.batch, given)
            self.check()
        self.merged.append(due)

    def _say(self, due: Pending, verdict: Verdict) -> None:
        """Note for each day of a load whether something of it was left out. The load whose source was asked last
        decides."""
        left_out = {*due.extracted.days_undecided, *map(dt.date.fromisoformat, verdict.held_back)}
        answered = {dt.date.fromisoformat(str(row["date"])) for row in verdict.admitted}
        for day in left_out | answered:
            asked, _ = self.said.get(day, (due.extracted.asked_at, False))
            if asked <= due.extracted.asked_at:
                self.said[day] = due.extracted.asked_at, day in left_out

    def set_aside(self) -> set[dt.date]:
        """Days whose newest answer was left out."""
        return {day for day, (_, is_left_out) in self.said.items() if is_left_out}

    def check(self) -> None:
        """Check that the table equals the oracle's, row for row and column for column."""
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
