"""The graph of tables and tasks that Airflow's UI draws of an asset."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from odre.contract import tables
from odre.lineage import read_manifest

from laptop.environment import REPOSITORY


@pytest.fixture(scope="module")
def labels(airflow_home) -> Callable[[str], set[str]]:
    """The names of tables and tasks in the graph of a table. Airflow knows our DAGs, as after their files were parsed."""
    from airflow.api_fastapi.core_api.services.ui.dependencies import get_data_dependencies
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.models.asset import AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(DagBag(REPOSITORY / "dags", bundle_name="dags-folder"), "dags-folder", None)

    def of(table: str) -> set[str]:
        with create_session() as session:
            asset = session.scalar(select(AssetModel.id).where(AssetModel.name == table, AssetModel.group == "odre"))
            return {node["label"] for node in get_data_dependencies(asset, session)["nodes"]}

    return of


@pytest.mark.parametrize("table", tables())
def test_the_graph_of_a_landing_table_leads_to_every_model_and_the_tasks_that_write_them(labels, table):
    manifest, waiting, models = read_manifest(), [f"source.eco2mix.odre.{table}"], set()
    while waiting:
        children = {i for i in manifest["child_map"][waiting.pop()] if i.startswith("model.")} - models
        models |= children
        waiting += children
    found = labels(table)
    assert {i.split(".")[-1] for i in models} | {f"{table}.ingest.merge", f"{table}.dbt.answers"} <= found


def test_the_graph_of_a_shared_mart_leads_back_to_every_landing_table_through_all_dags(labels):
    found = labels("daily_merged")
    for table in tables():
        assert {table, f"{table}.ingest.merge", f"{table}.dbt.stg_{table}_model_build", f"{table}.dbt.legacy"} <= found
