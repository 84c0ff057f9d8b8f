"""The operator that keeps the landing tables to their contracts."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from airflow.sdk import BaseOperator

from odre.contract import load_contract, tables
from odre.ledger import LEDGER, LEDGER_FIELDS, SET_ASIDE, SET_ASIDE_FIELDS, ledger_resource, set_aside_resource
from odre.resources import landing_schema, table_resource

if TYPE_CHECKING:
    from airflow.sdk import Context

# Label of a table: the checksum of the fields that it was last given.
_FIELDS = "fields"


class LandingTablesOperator(BaseOperator):
    """Create the landing tables, the ledger and the table `set_aside` where they do not exist yet, and bring the
    columns of this DAG's table, the ledger and `set_aside` up to date.

    The tables of the other datasets are created too, empty, so that models that join datasets can be built whichever
    DAG runs first. Columns and descriptions are added, but columns are never dropped or retyped, so that loaded data
    stay readable. A label of each table holds a checksum of its fields, and listing the dataset returns the labels of
    all tables, so a run that has nothing to change makes one call.

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
        resources = {table: table_resource(load_contract(table)) for table in tables()}
        resources |= {LEDGER: ledger_resource(), SET_ASIDE: set_aside_resource()}
        client = hook.get_client(project_id=self.project_id)
        labels = {item.table_id: item.labels for item in client.list_tables(f"{self.project_id}.{self.dataset_id}")}
        for table in sorted(resources.keys() - labels.keys()):
            fields = resources[table]["schema"]["fields"]
            resource = {**resources[table], "labels": {**resources[table]["labels"], _FIELDS: _checksum(fields)}}
            hook.create_table(table_id=table, table_resource=resource, exists_ok=True, location=self.location, **where)
        kept_up = {self.table: landing_schema(load_contract(self.table)), LEDGER: LEDGER_FIELDS}
        for table, fields in (kept_up | {SET_ASIDE: SET_ASIDE_FIELDS}).items():
            if table not in labels or labels[table].get(_FIELDS) == _checksum(fields):
                continue
            if not holds(hook.get_schema(table_id=table, **where)["fields"], fields):
                hook.update_table_schema(
                    schema_fields_updates=fields, include_policy_tags=False, table_id=table, **where
                )
            # The label is written last: if this run ends before that, the next run repeats the update.
            resource = {"labels": {**labels[table], _FIELDS: _checksum(fields)}}
            hook.update_table(table_resource=resource, fields=["labels"], table_id=table, **where)


def _checksum(fields: list[dict[str, Any]]) -> str:
    """Checksum of a table's fields, of a length that a label can have."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:40]


def holds(standing: list[dict[str, Any]], fields: list[dict[str, Any]]) -> bool:
    """Whether a table has all of `fields` with all of their properties, so that an update would change nothing.

    :param standing: the fields of the table; it may have others too.
    """
    known = {field["name"]: field for field in standing}
    return all(
        field["name"] in known
        and holds(known[field["name"]].get("fields", []), field.get("fields", []))
        and all(
            _canonical(name, known[field["name"]].get(name, "")) == _canonical(name, value)
            for name, value in field.items()
            if name != "fields"
        )
        for field in fields
    )


def _canonical(name: str, value: str) -> str:
    """A property of a field as BigQuery's API writes it; the API has other names for some types of GoogleSQL."""
    from google.cloud.bigquery.enums import SqlTypeNames

    return str(SqlTypeNames[value].value) if name == "type" and value in SqlTypeNames.__members__ else value
