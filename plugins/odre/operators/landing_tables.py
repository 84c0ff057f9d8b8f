"""The operator that keeps the landing tables to their contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from airflow.sdk import BaseOperator

from odre.contract import load_contract, tables
from odre.resources import table_resource

if TYPE_CHECKING:
    from airflow.sdk import Context


class LandingTablesOperator(BaseOperator):
    """Create the landing tables that do not exist yet, and bring the columns of this DAG's table up to date.

    The tables of the other datasets are created too, empty, so that models that join datasets can be built whichever
    DAG runs first. Columns and descriptions are added, but columns are never dropped or retyped, so that what was
    loaded stays readable.

    :param table: landing table of this DAG.
    :param dataset_id: BigQuery dataset of the landing tables.
    :param project_id: Google Cloud project.
    :param location: BigQuery location.
    :param gcp_conn_id: connection of the warehouse.
    """

    def __init__(
        self,
        *,
        table: str,
        dataset_id: str,
        project_id: str,
        location: str,
        gcp_conn_id: str = "google_cloud_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.table, self.dataset_id, self.project_id = table, dataset_id, project_id
        self.location, self.gcp_conn_id = location, gcp_conn_id

    def execute(self, context: Context) -> None:
        hook = BigQueryHook(gcp_conn_id=self.gcp_conn_id, location=self.location)
        where = {"dataset_id": self.dataset_id, "project_id": self.project_id}
        for table in tables():
            hook.create_table(
                table_id=table,
                table_resource=table_resource(load_contract(table)),
                exists_ok=True,
                location=self.location,
                **where,
            )
        hook.update_table_schema(
            schema_fields_updates=load_contract(self.table).bigquery_schema,
            include_policy_tags=False,
            table_id=self.table,
            **where,
        )
