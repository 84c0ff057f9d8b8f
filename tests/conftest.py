"""A stack of the tests' own: emulators and replica on free ports, data in a temporary folder.

Tests that start a service are marked `service` here, so that `make check` can leave them out.
"""

from __future__ import annotations

import gc
import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

import hypothesis
import pytest

from laptop import dbt_flags
from laptop.environment import REPOSITORY, Endpoints, pipeline_environment
from laptop.replica.synthetic.moment import PINNED, SETTING
from laptop.stack import Stack
from laptop.warehouse import Warehouse
from tests.examples import QUICK
from tests.keeper import own_folder, stop_at_interrupt
from tests.stacks import SAMPLE, emptied

if TYPE_CHECKING:
    from tests.models import Models
    from tests.node import Node

STATE = own_folder()
# Airflow reads its configuration when it is first imported; endpoints follow once the stack is up.
os.environ.update(pipeline_environment(STATE, Endpoints(*["http://127.0.0.1:9"] * 3)))
# The sample ends at the same moment whenever the tests run.
os.environ[SETTING] = PINNED.isoformat()

dbt_flags.install()

# No test measures time, so examples have no deadline: on a busy machine they may take long.
for profile in ("eco2mix", QUICK):
    hypothesis.settings.register_profile(profile, deadline=None)
hypothesis.settings.load_profile("eco2mix")

# These take longest, and the last three of those that need no service. They begin first, so that no core has to wait for
# one of them at the end.
_LONGEST = (
    "test_airflow_ui.py", "test_stories.py", "test_histories.py", "test_pipeline.py", "test_real_exports.py",
    "test_googlesql.py", "test_scaffold.py", "test_proxy.py", "test_compiled_sql.py", "test_api.py", "test_plausible_mix.py",
)  # fmt: skip
# A test that names one of these starts an emulator, Airflow or a browser, or something as slow: Google's analyzer,
# Terraform.
_STARTS_A_SERVICE = frozenset({"Stack", "AirflowServer", "Service", "open_page", "initdb", "LanguageOptions", "CHECK"})


def pytest_configure(config: pytest.Config) -> None:
    stop_at_interrupt(config)
    # dbt, Airflow and sqlglot make very many objects that live on, so looking for garbage often gains little.
    gc.set_threshold(50_000, 20, 100)


def pytest_collection_finish() -> None:
    gc.freeze()  # what has been imported never becomes garbage


def pytest_unconfigure() -> None:
    # Python frees modules at its end only when the collector may look at them; DuckDB's lists what is left over.
    gc.unfreeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _LONGEST.index(item.path.name) if item.path.name in _LONGEST else len(_LONGEST))
    known: dict[Callable, bool] = {}
    for item in items:
        fixtures = [d.func for found in item._fixtureinfo.name2fixturedefs.values() for d in found]
        if any(_starts_a_service(function, known) for function in (item.function, *fixtures)):
            item.add_marker(pytest.mark.service)


def _starts_a_service(function: Callable, known: dict[Callable, bool]) -> bool:
    """Whether a function, or a function or class of the tests that it names, starts a service."""
    if function not in known:
        known[function] = False  # the answer while its own names are examined, because these may lead back to it
        parts = inspect.getmembers(function, inspect.isfunction) if inspect.isclass(function) else [("", function)]
        known[function] = any(_names_a_service(part, known) for _, part in parts)
    return known[function]


def _names_a_service(function: Callable, known: dict[Callable, bool]) -> bool:
    names = _names(function.__code__)
    mentioned = (inspect.unwrap(function.__globals__.get(name)) for name in names)
    ours = (m for m in mentioned if inspect.isfunction(m) or inspect.isclass(m))
    return bool(names & _STARTS_A_SERVICE) or any(
        _starts_a_service(other, known) for other in ours if other.__module__.startswith(("tests", "test_", "conftest"))
    )


def _names(code: CodeType) -> set[str]:
    """All names that code refers to, functions within it included."""
    inner = (part for part in code.co_consts if isinstance(part, CodeType))
    return {*code.co_names, *code.co_freevars}.union(*map(_names, inner))


@pytest.fixture(autouse=True)
def _services_are_started_by_marked_tests_only(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that starts a service without having the mark fails, because `make check` would have run it."""
    with pytest.MonkeyPatch.context() as patch:
        if not request.node.get_closest_marker("service"):
            patch.setattr(
                "laptop.service.Service.launch",
                lambda service: pytest.fail(f"{service.name} is started without the mark"),
            )
        yield


@pytest.fixture(scope="module")
def js() -> Iterator[Node]:
    """Calls functions of the page's modules in Node."""
    from tests.node import node

    with node() as call:
        yield call


@pytest.fixture(scope="session")
def scratch() -> Path:
    """A folder that other users may enter, as PostgreSQL's must: pytest's own are closed to them."""
    return STATE


@pytest.fixture(scope="session")
def real_exports() -> Path:
    """Folder of real ODRÉ exports, which are not part of the repository."""
    folder = Path(os.environ.get("ODRE_DATA") or REPOSITORY.parent / "shared" / "data" / "odre")
    if not folder.is_dir():
        pytest.skip(f"no real exports at {folder}; set ODRE_DATA to a folder of them")
    return folder


@pytest.fixture(scope="session")
def sql() -> dict[str, str]:
    """DuckDB's SQL of every model, for `tests.models.Models`."""
    from tests.models import compiled, translated

    return translated(compiled())


@pytest.fixture
def december(sql: dict[str, str], real_exports: Path) -> Models:
    """December 2021 of the mix as RTE published it."""
    from tests.models import published_december

    return published_december(sql, real_exports)


@pytest.fixture(scope="session")
def airflow_home() -> Path:
    """Airflow's metadata database, made once."""
    from airflow.utils.db import initdb

    (STATE / "airflow").mkdir(parents=True, exist_ok=True)
    initdb()
    return STATE / "airflow"


@pytest.fixture(scope="session")
def shared_stack() -> Iterator[Stack]:
    """The stack of `tests.stacks`, started once; `emptied` gives it to a module or to a test."""
    stack = Stack(state=STATE / "shared", usual_ports=False, replica_options=SAMPLE)
    stack.up()
    yield stack
    stack.reset()


@pytest.fixture
def synthetic_stack(shared_stack, airflow_home):
    """The shared stack, emptied for a test."""
    with emptied(shared_stack) as stack:
        yield stack


@pytest.fixture(scope="module")
def warehouse(shared_stack):
    """The warehouse of the shared stack, emptied for a module."""
    with emptied(shared_stack) as stack:
        yield Warehouse(stack.environment)


@pytest.fixture(scope="module")
def real_stack(airflow_home, real_exports):
    """A stack whose replica serves the real exports, for a whole module."""
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        Stack(state=STATE / "real", usual_ports=False, data=real_exports) as stack,
    ):
        for name, value in stack.environment.items():
            if name != "AIRFLOW_HOME":
                monkeypatch.setenv(name, value)
        yield stack


@pytest.fixture(scope="session")
def run_dag():
    """Run a DAG with Airflow, in this process; returns the run's state and those of its tasks."""
    from laptop import dbt_once
    from laptop.demo import load_dag

    dbt_once.install()

    def run(table: str, **conf) -> tuple[str, dict[str, str]]:
        dag = load_dag(table)
        for task in dag.tasks:
            task.retries = 0
        gc.freeze()  # Cosmos has garbage collected after every dbt command
        dag_run = dag.test(run_conf=conf)
        return str(dag_run.state), {ti.task_id: str(ti.state) for ti in dag_run.get_task_instances()}

    return run
