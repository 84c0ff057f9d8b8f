"""A task that is cleared alone, or whose run was stopped, never leaves a run green that has done nothing.
`tests/stories/` shows the same under Airflow's scheduler."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from odre.alone import LAST, MERGE, refuse_to_begin, refuse_to_end
from odre.contract import tables
from odre.errors import ClearedAlone
from odre.operators.window import WindowOperator
from odre.retrying import OdreRetryPolicy
from odre.settings import Settings

from laptop.demo import load_dag

GAS = "stock_quotidien_stockages_gaz"


def context(merge: str | None, last: str | None = None) -> dict:
    """The context of a task in a run whose MERGE and last task are in these states."""

    def get_task_states(dag_id: str, task_ids: list[str], run_ids: list[str]) -> dict:
        assert (dag_id, run_ids) == (GAS, ["a run"])
        states = {MERGE: merge, LAST: last}
        return {"a run": {task: states[task] for task in task_ids}}

    moment = datetime(2024, 1, 2, tzinfo=timezone.utc)
    run = SimpleNamespace(run_id="a run", run_type="manual", data_interval_start=None, data_interval_end=None,
                          run_after=moment)  # fmt: skip
    return {
        "ti": SimpleNamespace(dag_id=GAS, get_task_states=get_task_states),
        "dag_run": run,
        "params": {"start_date": "2024-01-01", "end_date": "2024-01-02"},
    }


@pytest.mark.parametrize("merge", [None, "scheduled", "failed", "upstream_failed", "up_for_retry"])
def test_a_run_begins_while_its_merge_waits_or_has_failed(merge):
    refuse_to_begin(context(merge), GAS)


@pytest.mark.parametrize("merge", ["success", "skipped"])
def test_nothing_is_asked_anew_that_nothing_would_merge(merge):
    window = WindowOperator(task_id="window", table=GAS, settings=Settings.from_environment())
    with pytest.raises(ClearedAlone, match="would merge the source's new answer → clear window and all that ") as error:
        window.execute(context(merge))
    assert "\n" not in str(error.value) and OdreRetryPolicy().evaluate(error.value, 1, 3).action.name == "FAIL"


def test_a_dry_run_may_be_cleared_alone():
    window = WindowOperator(task_id="window", table=GAS, settings=Settings.from_environment())
    dry = context("skipped")
    dry["params"] |= {"dry_run": True}
    with pytest.raises(AirflowSkipException, match="dry run"):
        window.execute(dry)


@pytest.mark.parametrize(
    ("merge", "last", "says"),
    [
        ("success", None, None),
        ("success", "success", None),
        ("success", "failed", None),
        ("failed", None, None),  # `set_aside` fails with it
        ("failed", "upstream_failed", None),
        ("success", "skipped", "the run was stopped before its end"),
        ("skipped", "skipped", "the run was stopped before its end"),
        ("failed", "success", "ingest.merge was cleared and is failed"),
        ("upstream_failed", "success", "ingest.merge was cleared and is upstream_failed"),
    ],
)
def test_a_run_ends_only_when_its_answer_has_reached_the_tables(merge, last, says):
    if says is None:
        refuse_to_end(context(merge, last), GAS)
        return
    with pytest.raises(ClearedAlone, match=f"^{GAS}: {says}.* → .*clear ingest.merge and all that follows it$"):
        refuse_to_end(context(merge, last), GAS)


@pytest.mark.parametrize("table", tables())
def test_a_task_is_cleared_with_what_judges_the_run(airflow_home, table, monkeypatch):
    """What Airflow clears of a DAG when one task is cleared alone. Airflow judges a run by its last tasks, and by these
    teardowns."""
    from airflow.serialization.serialized_objects import DagSerialization

    monkeypatch.setenv("ECO2MIX_APPROVAL_ABOVE_DAYS", "60")
    dag = DagSerialization.from_dict(DagSerialization.to_dict(load_dag(table)))
    together = {
        "window": {"window", "answered"},
        "approve": {"window", "approve", "answered"},
        "ingest.extract": {"window", "ingest.extract", "answered"},
        "ingest.landing_tables": {"ingest.landing_tables", "ingest.drop_batch"},
        "ingest.load": {"ingest.load", "ingest.drop_batch"},
        "ingest.merge": {"ingest.landing_tables", "ingest.load", "ingest.merge", "ingest.drop_batch"},
        "set_aside": {"set_aside"},
    }
    found = {task: set(dag.partial_subset([task], include_upstream=False).task_dict) for task in together}
    assert found == together
    for task in ("answered", "ingest.drop_batch"):
        assert dag.get_task(task).on_failure_fail_dagrun
