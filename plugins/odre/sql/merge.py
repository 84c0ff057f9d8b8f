"""The script that makes a window of a landing table what a batch says of it: `replace_window.sql`, rendered."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from odre.contract import Contract

# Every message with which the script refuses its batch contains this, and no other message does. So a refusal can be
# told from the warehouse's other errors.
REFUSED = "→ nothing was changed"


def replace_window(contract: Contract, target: str, batch: str, window_start: str, window_end: str, rows: str) -> str:
    """GoogleSQL that replaces the window of `target` with what `batch` says, in one atomic MERGE.

    Rows that differ are updated, new ones inserted, and rows that the source has withdrawn deleted; the head of
    `replace_window.sql` says which rows these are. When the batch cannot be trusted, the script ends with a message
    and changes nothing.

    Values that are known only when the task runs may be given as Airflow's Jinja expressions: they are copied into the
    statement as they are, and Airflow renders them.

    :param target: landing table, `project.dataset.table`.
    :param batch: table that holds the extracted rows, `project.dataset.table`.
    :param window_start: first local day, ISO 8601.
    :param window_end: last local day, ISO 8601, included.
    :param rows: number of rows that were extracted.
    """
    columns = [column.name for column in contract.columns]
    return _template().render(
        landing_table=target,
        batch_table=batch,
        window_start=window_start,
        window_end=window_end,
        rows=rows,
        dataset=contract.dataset_id,
        date=contract.date_column,
        observed=contract.observed_column,
        columns=columns,
        key=contract.key,
        values=[name for name in columns if name not in contract.key],
        coverage=contract.coverage,
        maturity=contract.maturity,
        refused=REFUSED,
    )


@cache
def _template() -> Template:
    # Contracts and names of tables are rendered, no HTML and nothing that a user types.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template("replace_window.sql")
