"""A contract in the form of BigQuery's API: its landing table, and the labels of its tables and jobs."""

from __future__ import annotations

from typing import Any

from odre.contract import Contract


def table_resource(contract: Contract) -> dict[str, Any]:
    """The landing table of `contract`, as a table resource of BigQuery's API."""
    return {
        "schema": {"fields": contract.bigquery_schema},
        "timePartitioning": {
            "type": contract.partition_by.granularity.upper(),
            "field": contract.partition_by.field,
        },
        "requirePartitionFilter": contract.partition_by.require_filter,
        "clustering": {"fields": contract.cluster_by},
        "description": f"{contract.description} Source: {contract.publisher} / ODRÉ, {contract.license}.",
        "labels": labels(contract),
    }


def labels(contract: Contract) -> dict[str, str]:
    """Labels of the tables and jobs of a dataset; costs can be attributed by them."""
    return {"pipeline": "eco2mix", "dataset": contract.table}
