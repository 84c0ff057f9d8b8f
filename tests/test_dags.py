"""What every DAG keeps to."""

import pytest
from airflow.sdk import CronDataIntervalTimetable
from odre.contract import load_contract, tables

from laptop.environment import REPOSITORY


@pytest.fixture(scope="module")
def bag(airflow_home):
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(REPOSITORY / "dags"))


def test_the_bag_holds_every_dataset_without_error(bag):
    assert bag.import_errors == {}
    assert sorted(bag.dags) == tables() and len(bag.dags) == 3


def test_policies(bag):
    for table, dag in bag.dags.items():
        contract = load_contract(table)
        assert isinstance(dag.timetable, CronDataIntervalTimetable) and not dag.catchup
        assert (dag.timetable.expression, str(dag.timetable.timezone)) == (contract.schedule, contract.timezone)
        assert {"odre", contract.dataset_id} <= set(dag.tags)
        assert contract.description in dag.doc_md and all(f"`{c.name}`" in dag.doc_md for c in contract.columns)
        assert set(dag.params) == {"start_date", "end_date", "full_refresh", "dry_run"}
        for task in dag.tasks:
            assert task.owner and task.execution_timeout
            assert task.retries >= 2 or task.task_id == "window", task.task_id


def test_only_models_downstream_of_the_dataset_are_tasks(bag):
    built = {table: {t.task_id for t in dag.tasks if t.task_id.startswith("dbt.")} for table, dag in bag.dags.items()}
    assert "dbt.daily_merged_model_build" in set.intersection(*built.values())
    for table, names in built.items():
        assert f"dbt.stg_{table}_model_build" in names
        assert not any(f"stg_{other}" in name for other in tables() if other != table for name in names)


def test_tasks_in_order(bag):
    for dag in bag.dags.values():
        for earlier, later in [("window", "ingest.extract"), ("ingest.extract", "ingest.load"), ("ingest.load", "ingest.merge"),
                               ("ingest.create_batch", "ingest.load"), ("ingest.landing_tables", "ingest.merge"),
                               ("ingest.merge", "dbt.daily_merged_model_build"), ("ingest.merge", "ingest.drop_batch")]:  # fmt: skip
            assert later in {t.task_id for t in dag.get_task(earlier).get_flat_relatives(upstream=False)}
        assert dag.get_task("ingest.drop_batch").is_teardown


def test_approval_is_asked_where_it_is_switched_on(bag, monkeypatch):
    from laptop.demo import load_dag

    monkeypatch.setenv("ECO2MIX_APPROVAL_ABOVE_DAYS", "60")
    for table, dag in bag.dags.items():
        assert "approve" not in dag.task_dict
        asked = load_dag(table).get_task("approve")
        assert asked.upstream_task_ids == {"window"} and asked.response_timeout
        assert set(load_dag(table).get_task("window").downstream_task_ids) >= {"approve"}
        assert load_dag(table).get_task("ingest.extract").upstream_task_ids >= {"approve"}
