"""A client of the local warehouse that never waits for credentials or retries what cannot work."""

from __future__ import annotations

from collections.abc import Mapping

from laptop.environment import PROJECT_ID


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

    def query(self, sql: str, timeout: float = 120) -> tuple[list[str], list[tuple]]:
        """Column names and rows of a statement.

        :raises google.api_core.exceptions.GoogleAPIError: the statement failed.
        """
        result = self.client.query(sql, retry=None, job_retry=None, timeout=timeout).result(timeout=timeout, retry=None)
        return [field.name for field in result.schema], [tuple(row.values()) for row in result]
