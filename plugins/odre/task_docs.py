"""What the UI says of every task, as its documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from airflow.sdk import DAG

_TASKS = {
    "window": "Decides the local days of this run and refuses days that cannot be loaded. In a dry run it logs the "
    "plan.",
    "approve": "Waits for a person's approval when the window is long, or the whole history.",
    "ingest.extract": "Asks the API for the days of the window, checks the answer against the contract and stores it "
    "in the lake as one object that never changes. Days that break the contract are set aside.",
    "ingest.landing_tables": "Creates the landing tables where they are missing, and adds columns that the contract "
    "has gained. It never drops a column or changes its type.",
    "ingest.load": "Loads the object into a batch table that only this run uses.",
    "ingest.merge": "Replaces the window of the landing table by the batch, in one transaction, and writes a row to "
    "the ledger of loads. It refuses, and changes nothing, when rows were lost or do not belong to the window.",
    "ingest.drop_batch": "Drops the batch table, whatever has happened. Fails when `ingest.load` has failed.",
    "answered": "Does nothing. It is cleared with `window` and fails with it, and the run with both.",
    "neighbour_models": "Builds models of the other datasets that are joined and do not exist yet, and loads seeds "
    "that have changed. In most runs there are none.",
    "publish_dashboard": "Writes the dashboard to the lake. The page *Éco2mix* of this UI shows it.",
    "publish_dbt_docs": "Writes dbt's documentation to the lake, at most once a day. The page *dbt docs* of this UI "
    "shows it.",
    "source_freshness": "Compares the newest observed row with the `freshness` of the contract, in runs of the "
    "schedule only. Skipped: the source is late. Failed: it is very late, or the run was stopped before "
    "`ingest.merge`.",
    "set_aside": "Fails when days were set aside, while all others are published, or when a task has failed or was "
    "stopped. Its log names the days or the tasks, and what to do.",
}


def document(dag: DAG) -> None:
    """Give every task of a DAG its text, but for those of dbt, of which `of_models` tells."""
    for task in dag.tasks:
        if text := _TASKS.get(task.task_id):
            task.doc_md = text  # type: ignore[misc]  # no task of ours is mapped


def of_models(nodes: Iterable[Mapping[str, Any]]) -> str:
    """The text of a task that builds models: each with the first sentence of its description.

    :param nodes: the models as a manifest has them.
    """
    told = sorted((node["name"], node["description"].split(". ")[0].rstrip(".")) for node in nodes)
    lines = "\n".join(f"- `{name}`: {sentence}." for name, sentence in told)
    return f"Builds these models. A row that breaks a data test leaves its table as it was.\n\n{lines}\n"
