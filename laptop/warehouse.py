"""A client of the local warehouse that needs no credentials and never retries a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from laptop.environment import PROJECT_ID

# The client documents `None` as "do not try again"; its type hints leave `None` out.
_ONCE: Any = None


class Warehouse:
    """Asks the warehouse of a stack.

    :param environment: the stack's environment.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

        from google.auth.credentials import AnonymousCredentials
        from google.cloud import bigquery

        self.client = bigquery.Client(
            PROJECT_ID, AnonymousCredentials(), client_options={"api_endpoint": environment["BIGQUERY_EMULATOR_HOST"]}
        )

    def create_landing(self, table: str, name: str | None = None, batch: bool = False) -> str:
        """Make the landing table of a contract again, empty. Also make the ledger, which the models read too, if it
        does not exist.

        :param table: landing table, which names the contract.
        :param name: name of the new table; by default `table`.
        :param batch: whether it is a batch table, which is read as a whole and so requires no partition filter.
        :returns: its `project.dataset.table`.
        """
        from google.cloud import bigquery
        from odre.contract import load_contract
        from odre.resources import table_resource

        reference = bigquery.TableReference.from_string(
            f"{PROJECT_ID}.{self.environment['ECO2MIX_STAGING_DATASET']}.{name or table}"
        )
        self.client.delete_table(reference, not_found_ok=True)
        resource = table_resource(load_contract(table)) | {"tableReference": reference.to_api_repr()}
        if batch:
            resource["requirePartitionFilter"] = False
        self.client.create_table(bigquery.Table.from_api_repr(resource))
        self.create_ledger()
        return str(reference)

    def create_ledger(self) -> str:
        """Make the ledger of loads where it does not exist.

        :returns: its `project.dataset.table`.
        """
        from google.cloud import bigquery
        from odre.ledger import LEDGER, ledger_resource

        reference = bigquery.TableReference.from_string(
            f"{PROJECT_ID}.{self.environment['ECO2MIX_STAGING_DATASET']}.{LEDGER}"
        )
        resource = ledger_resource() | {"tableReference": reference.to_api_repr()}
        self.client.create_table(bigquery.Table.from_api_repr(resource), exists_ok=True)
        return str(reference)

    def whole(self, name: str) -> str:
        """SQL to be written after `from` that reads every row of a table. A table that requires a partition filter gets
        one that is always true.

        :param name: `dataset.table` or `project.dataset.table`.
        """
        table = self.client.get_table(name if name.count(".") == 2 else f"{PROJECT_ID}.{name}")
        if not table.require_partition_filter:
            return f"`{name}`"
        column = table.time_partitioning.field
        return f"(select * from `{name}` where {column} is null or {column} is not null)"

    def query(self, sql: str, timeout: float = 120) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of a statement.

        :raises google.api_core.exceptions.GoogleAPIError: the statement failed.
        """
        job = self.client.query(sql, retry=_ONCE, job_retry=None, timeout=timeout)
        result = job.result(timeout=timeout, retry=_ONCE)
        return [field.name for field in result.schema], [tuple(row.values()) for row in result]
