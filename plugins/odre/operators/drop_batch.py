"""The operator that ends the ingestion of a run: it drops the run's batch table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.google.cloud.operators.bigquery import BigQueryDeleteTableOperator

from odre.alone import refuse_without_load
from odre.contract import Contract

if TYPE_CHECKING:
    from airflow.sdk import Context

    from odre.settings import Settings


class DropBatchOperator(BigQueryDeleteTableOperator):
    """Drop the run's batch table, whether its MERGE has succeeded or not. Fail afterwards when `load` has failed, for
    example after somebody had cleared `load` alone.

    :param contract: of the landing table.
    :param batch_table: templated; name of the batch table in the staging dataset.
    :raises RunIncomplete: see `odre.alone.refuse_without_load`.
    """

    def __init__(self, *, contract: Contract, settings: Settings, batch_table: str, **kwargs: Any) -> None:
        super().__init__(
            deletion_dataset_table=f"{settings.project_id}.{settings.staging_dataset}.{batch_table}",
            ignore_if_missing=True,
            location=settings.location,
            **kwargs,
        )
        self.contract = contract

    def execute(self, context: Context) -> None:
        super().execute(context)
        refuse_without_load(context, self.contract.dataset_id)
