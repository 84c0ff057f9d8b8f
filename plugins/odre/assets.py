"""Tables of the warehouse as Airflow assets: landing tables and models alike, in the one form that the Google provider
knows, `bigquery://<project>/<dataset>/<table>`, from which it also makes OpenLineage's names."""

from __future__ import annotations

from airflow.sdk import Asset

from odre.contract import SOURCE_NAME
from odre.settings import Settings


def landing_asset(table: str, settings: Settings) -> Asset:
    """A landing table. Every load adds an event to it that says what was loaded."""
    return _asset(settings.project_id, settings.staging_dataset, table)


def model_asset(name: str, settings: Settings) -> Asset:
    """The table or view of a dbt model."""
    return _asset(settings.project_id, settings.marts_dataset, name)


def node_asset(node: str, settings: Settings) -> Asset | None:
    """The table of a node of dbt's graph; `None` for a source that no run loads.

    :param node: dbt's unique id of a model, a seed or a source.
    """
    kind, _, *source, name = node.split(".")
    if kind != "source":
        return model_asset(name, settings)
    return landing_asset(name, settings) if source == [SOURCE_NAME] else None


def _asset(project: str, dataset: str, table: str) -> Asset:
    return Asset(name=table, uri=f"bigquery://{project}/{dataset}/{table}", group="odre")
