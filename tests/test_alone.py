"""A run is never green when a task of it was cleared alone and has failed, or when somebody has stopped it.
`tests/stories/` shows the same under Airflow's scheduler."""

from __future__ import annotations

from datetime import datetime, timezone
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from odre.alone import LOAD, MERGE, refuse_incomplete, refuse_stopped, refuse_to_begin, refuse_without_load
from odre.contract import tables
from odre.errors import ClearedAlone, RunIncomplete
from odre.operators.window import WindowOperator
from odre.retrying import OdreRetryPolicy
from odre.settings import Settings

from laptop.demo import load_dag

GAS = "stock_quotidien_stockages_gaz"


def context(merge: str | None, **states: str | None) -> dict:
    """The context of a task in a run whose MERGE and other tasks are in these states."""

    def get_task_states(dag_id: str, run_ids: list[str]) -> dict:
        assert (dag_id, run_ids) == (GAS, ["a run"])
        return {"a run": {MERGE: merge} | states}

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
    ("merge", "dry_run", "rejected", "refused"),
    [
        ("skipped", False, False, True),
        ("skipped", False, True, False),
        ("skipped", True, False, False),
        ("success", False, False, False),
        ("failed", False, False, False),  # `set_aside` fails with it
    ],
)
def test_a_run_that_was_stopped_before_its_merge_fails(merge, dry_run, rejected, refused):
    given = context(merge)
    given["params"]["dry_run"] = dry_run
    skipped = {"skipped": ["ingest.extract"]} if rejected else None
    given["ti"].xcom_pull = lambda task_ids, key: {("approve", "skipmixin_key"): skipped}[task_ids, key]
    if not refused:
        refuse_stopped(given, GAS)
        return
    with pytest.raises(RunIncomplete, match=f"^{GAS}: the run was stopped before ingest.merge.* → clear window"):
        refuse_stopped(given, GAS)


def test_a_load_that_has_failed_fails_its_run():
    """When it is cleared alone, only the task that drops the batch is cleared with it."""
    refuse_without_load(context("success", **{LOAD: "success"}), GAS)
    with pytest.raises(RunIncomplete, match=f"^{GAS}: {LOAD} has failed → see its log, then clear {LOAD} and all"):
        refuse_without_load(context("success", **{LOAD: "failed"}), GAS)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (
            {"dbt.a": "failed"},
            r"not all made: dbt.a \(failed\) → see the log of dbt.a, then clear it and all that follows",
        ),
        ({"dbt.a": "failed", "publish_dashboard": "upstream_failed"}, r"not all made: dbt.a \(failed\) → "),
        (
            {"dbt.a": "skipped", "publish_dashboard": "skipped"},
            r"made: dbt.a \(skipped\), publish_dashboard \(skipped\) →",
        ),
        ({"dbt.a": None}, r"not all made: dbt.a \(None\) → "),
    ],
)
def test_a_run_ends_only_when_every_table_is_made(found, says):
    needed = {MERGE, "dbt.a", "publish_dashboard"}
    whole = dict.fromkeys(needed, "success") | {"source_freshness": "skipped", "ingest.drop_batch": "running"}
    refuse_incomplete(context("success", **whole), GAS, needed)
    with pytest.raises(RunIncomplete, match=f"^{GAS}: .*{says}") as error:
        refuse_incomplete(context("success", **(whole | found)), GAS, needed)
    assert "\n" not in str(error.value) and OdreRetryPolicy().evaluate(error.value, 1, 3).action.name == "FAIL"


@pytest.mark.parametrize("table", tables())
def test_a_task_is_cleared_with_what_judges_the_run(airflow_home, table, monkeypatch):
    """What Airflow clears of a DAG when one task is cleared alone. Airflow judges a run by its last tasks, and by these
    teardowns."""
    from airflow.serialization.serialized_objects import DagSerialization

    monkeypatch.setenv("ECO2MIX_APPROVAL_ABOVE_DAYS", "60")
    dag = DagSerialization.from_dict(DagSerialization.to_dict(load_dag(table)))
    judged = {"ingest.landing_tables", "ingest.drop_batch", "set_aside"}
    together = {
        "window": {"window", "answered"},
        "approve": {"window", "approve", "answered"},
        "ingest.extract": {"window", "ingest.extract", "answered"},
        "ingest.merge": {"ingest.merge", "ingest.load", *judged},
        "ingest.load": {"ingest.load", "ingest.drop_batch"},
        "set_aside": {"set_aside"},
        "ingest.drop_batch": {"ingest.drop_batch"},
        "source_freshness": {"source_freshness"},
        "answered": {"answered"},
    }
    together |= {task: {task, *judged} for task in dag.task_dict if task not in together}
    assert len(together) > 15
    found = {task: set(dag.partial_subset([task], include_upstream=False).task_dict) for task in together}
    assert found == together
    for task in ("answered", "ingest.drop_batch", "source_freshness", "set_aside"):
        assert dag.get_task(task).on_failure_fail_dagrun
    # Airflow starts a teardown when the tasks right before it have ended, so these must be all that it judges, but for
    # tasks that are cleared with `answered`, and `load`, which ends before `drop_batch`.
    judge = dag.get_task("set_aside")
    indirectly = {"window", "approve", "ingest.load"}
    assert judge.get_flat_relative_ids(upstream=True) - indirectly == judge.upstream_task_ids == set(together) - {
        "set_aside", "source_freshness", "answered", *indirectly}  # fmt: skip
    assert not [task for task in dag.get_task("source_freshness").upstream_list if task.is_setup]
