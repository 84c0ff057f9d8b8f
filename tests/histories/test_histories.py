"""Random histories of runs, against an oracle that writes every group of rows once.

A history is a drawn sequence of changes at the source and of runs: asked-for ranges, backfills, scheduled runs with
their look-back, re-runs, runs that overlap (one extracts before another merges, and may merge long after it), old
runs whose MERGE is cleared, API faults, answers with bad days, loads that lose rows, runs killed between two tasks and
retried, statements run twice. Everything is the real code: the operator asks a replica over
HTTP (plan, counts, export, canonical Parquet, upload to the lake), the object is loaded and the statement of
`replace_window` runs. After every run:

1. The table equals the oracle's: for every group that the source answers for as a whole (a day; in gas, an operator's
   day), the rows of the most mature answer, and of these the one asked last. The MERGE says of the same days as the
   oracle that it kept them, because their standing rows are newer, and that it held them back, because they would lose
   data. Days whose newest answer was left out, as a whole or in part, are those that `completeness_daily` flags.
2. A run that fails, at whatever point, leaves the table as it was; and the MERGE refuses exactly what the
   oracle says is implausible. A day that breaks the contract keeps its older rows.

At the end the source stands still. A sweep of all days makes the table what one load into an empty table makes it,
for every group that the source has and that the table does not hold in a more mature state; then any windows, in any
order, change nothing. (Where the sweep would lose data of a day, that day is held back, and invariant 1 stands.)

`HISTORIES=2000` draws so many histories of each dataset, new ones each time; without it the same 75 are run every time. A few run on
the emulator and on the faster engine at once (`engines.Both`), which must agree on every verdict and every row.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from odre.contract import load_contract

from laptop.stack import Stack
from laptop.warehouse import Warehouse
from tests.histories.engines import Both, Emulator, Translated
from tests.histories.oracle import Capture, Oracle
from tests.histories.publisher import DAYS, PUBLISHERS
from tests.histories.served import Project, Served
from tests.histories.steps import BASES, HISTORIES, Change, Run, Tick, histories, phases, windows
from tests.histories.world import Replica, World
from tests.stacks import emptied

DEFAULT, WITH_EMULATOR, WITH_MODELS = 25, 3, 4


@pytest.fixture(scope="module")
def replica():
    with Replica() as replica:
        yield replica


@pytest.fixture(scope="module")
def stack(shared_stack, replica):
    api = {"conn_type": "http", "host": f"http://127.0.0.1:{replica.port}"}
    with emptied(shared_stack) as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_ODRE_API", json.dumps(api))
        yield stack


def live(
    world: World,
    history: list[Change | Tick | Run],
    afterwards: list[tuple[int, int]],
    pause: Callable[[], None] = lambda: None,
) -> None:
    """Live through a history, pause, then let the source stand still, sweep, and run the windows `afterwards`."""
    for step in history:
        if isinstance(step, Change):
            world.change(step)
        elif isinstance(step, Tick):
            world.tick()
        else:
            world.start(step)
            world.merge_due()
    for pending in world.pending:
        pending.wait = 0
    world.merge_due()
    if world.sweep_is_owed():
        loaded = len(world.loads)
        world.start(Run((DAYS - 1, DAYS - 1), "scheduled"))
        world.merge_due()
        assert world.sweep_is_owed() == (len(world.loads) == loaded)
    pause()

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
        max_examples=examples, derandomize=not HISTORIES, database=None, print_blob=True,
        suppress_health_check=list(HealthCheck), phases=phases(),
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


@pytest.mark.parametrize("table", PUBLISHERS)
def test_any_history_ends_as_if_loaded_once(table, replica, stack):
    contract = load_contract(table)
    histories_of(table, replica, stack, lambda: Translated(contract), HISTORIES or DEFAULT)


@pytest.mark.parametrize("table", PUBLISHERS)
def test_the_emulator_agrees(table, replica, stack):
    contract, warehouse, numbers = load_contract(table), Warehouse(stack.environment), count()

    def both() -> Both:
        return Both(Emulator(warehouse, contract, f"{table}_{next(numbers)}"), Translated(contract))

    histories_of(table, replica, stack, both, WITH_EMULATOR)


@pytest.fixture(scope="module")
def project():
    return Project.compiled()


@pytest.mark.parametrize("table", PUBLISHERS)
def test_every_model_ends_as_built_from_scratch(table, replica, stack, project):
    """After the history, and after its windows have been loaded again, in one order and in the other."""

    @_settings(WITH_MODELS)
    @given(st.sampled_from(BASES), histories(table), st.lists(windows, min_size=2, max_size=3))
    def check(base, history, afterwards):
        publisher, engine = PUBLISHERS[table](base), Served(table, project, base)
        replica.catalogue.publish(publisher.served())
        world = World(stack, replica, publisher, engine, Oracle(table))

        def flags_are_right() -> None:
            if world.loads:
                event(f"set aside: {bool(world.set_aside())}")
                assert engine.set_aside() == world.set_aside()

        live(world, history, [], flags_are_right)
        if not world.loads:
            return
        assert engine.served() == engine.from_scratch()
        flags_are_right()
        for order in (afterwards, afterwards[::-1]):
            live(world, [Run(window) for window in order], [])
        assert engine.served() == engine.from_scratch()
        flags_are_right()

    check()
