"""A contract in the form of BigQuery's API: its landing table, and the labels of its tables and jobs."""

from __future__ import annotations

from typing import Any

from odre.contract import Contract

LOAD_ID = "load_id"


def landing_schema(contract: Contract) -> list[dict[str, str]]:
    """Schema of the landing table in BigQuery's API form: the contract's columns, and the load of each row."""
    load_id = {
        "name": LOAD_ID,
        "type": "STRING",
        "mode": "NULLABLE",
        "description": "The load that last changed this row, as load_ledger has it.",
    }
    return [*contract.bigquery_schema, load_id]


def table_resource(contract: Contract) -> dict[str, Any]:
    """The landing table of `contract`, as a table resource of BigQuery's API."""
    return {
        "schema": {"fields": landing_schema(contract)},
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
