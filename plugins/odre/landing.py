"""The operator that keeps a landing table as its contract says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from airflow.providers.google.cloud.operators.bigquery import BigQueryCreateTableOperator

from odre.contract import load_contract

if TYPE_CHECKING:
    from airflow.sdk import Context


class LandingTableOperator(BigQueryCreateTableOperator):
    """Create the landing table of a contract, or add to it the columns and descriptions it lacks.

    Columns are never dropped or retyped: what was loaded stays readable.

    :param table: landing table, which names the contract.
    :param labels: labels of the table.
    """

    def __init__(self, *, table: str, labels: dict[str, str], **kwargs: Any) -> None:
        contract = load_contract(table)
        resource = {
            "schema": {"fields": contract.bigquery_schema},
            "timePartitioning": {
                "type": contract.partition_by.granularity.upper(),
                "field": contract.partition_by.field,
            },
            "clustering": {"fields": contract.cluster_by},
            "description": f"{contract.description} Source: {contract.publisher} / ODRÉ, {contract.license}.",
            "labels": labels,
        }
        super().__init__(table_id=table, table_resource=resource, if_exists="log", **kwargs)
        self.fields = contract.bigquery_schema

    def execute(self, context: Context) -> None:
        super().execute(context)
        BigQueryHook(
            gcp_conn_id=self.gcp_conn_id, location=self.location, impersonation_chain=self.impersonation_chain
        ).update_table_schema(
            schema_fields_updates=self.fields,
            include_policy_tags=False,
            dataset_id=self.dataset_id,
            table_id=self.table_id,
            project_id=self.project_id,
        )
