"""Reads whole tables of the warehouse, and their descriptions in the dbt project."""

import json
import re

from google.cloud.bigquery import SchemaField
from odre.ledger import LEDGER, SET_ASIDE
from odre.resources import LOAD_ID

from laptop.manifest import MANIFEST

MARTS = "de_project_development"


def checksums(warehouse, loads: bool = True) -> dict[str, tuple]:
    """Row count and a checksum of every row, for every table of the warehouse but the records of what runs have done.

    :param loads: whether it matters which load a landing row names.
    """
    found = {}
    for dataset in ("de_project_staging", MARTS):
        for item in warehouse.client.list_tables(dataset):
            if item.table_id in (LEDGER, SET_ASIDE):
                continue
            if item.table_type == "VIEW":  # a view over a table that asks for a filter cannot be read as a whole
                continue
            name = f"{dataset}.{item.table_id}"
            rows = warehouse.whole(name)
            if not loads and any(field.name == LOAD_ID for field in warehouse.client.get_table(item).schema):
                rows = f"(select * except ({LOAD_ID}) from {rows})"
            sql = f"select count(*), bit_xor(farm_fingerprint(to_json_string(t))) from {rows} as t"
            found[name] = warehouse.query(sql)[1][0]
    return found


def leave_work_for_landing_tables(warehouse) -> None:
    """Delete a table of a finished run and give another the description and the label of another version, so that the
    operator of the landing tables has something to do."""
    warehouse.client.delete_table(f"de_project_staging.{SET_ASIDE}", not_found_ok=True)
    ledger = warehouse.client.get_table(f"de_project_staging.{LEDGER}")
    first, *others = ledger.schema
    ledger.schema = [SchemaField(first.name, first.field_type, first.mode, description="Stale."), *others]
    ledger.labels = {**ledger.labels, "fields": "of_another_version"}
    warehouse.client.update_table(ledger, ["schema", "labels"])


def marts() -> dict[str, dict]:
    """The marts of the committed manifest, by name."""
    nodes = json.loads(MANIFEST.read_text(encoding="utf-8"))["nodes"].values()
    return {n["name"]: n for n in nodes if n["resource_type"] == "model" and "mart" in n["tags"]}


def examples() -> dict[str, str]:
    """The example query in each mart's description."""
    found = {
        name: re.findall(r"Example[^`:]*: `(select [^`]+)`", node["description"]) for name, node in marts().items()
    }
    return {name: queries[0] for name, queries in found.items() if queries}
