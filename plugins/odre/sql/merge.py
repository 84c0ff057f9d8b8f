"""Renders `replace_window.sql`, the script that replaces a window of a landing table with a batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from odre.contract import Contract
from odre.window import RunKind, Window

# Every message with which the script refuses its batch contains this text. No other message of the warehouse does, so
# the text tells refusals from other errors.
REFUSED = "→ nothing was changed"


@dataclass(frozen=True)
class Load:
    """One load, as the ledger records it; `odre.ledger.LEDGER_FIELDS` says what each field means.

    :param asked_at: with its time zone.
    :param days_lacking_rows: days of which single rows were left out while the others are loaded. The ledger has no
        such column.
    """

    load_id: str
    run_kind: RunKind
    run_id: str
    window: Window
    asked_at: datetime
    uri: str
    generation: int
    md5: str
    rows: int
    is_synthetic: bool
    segments: tuple[str, ...] = ()
    is_partial: bool = False
    days_set_aside: tuple[date, ...] = ()
    days_undecided: tuple[date, ...] = ()
    days_lacking_rows: tuple[date, ...] = ()


def replace_window(contract: Contract, target: str, batch: str, ledger: str, load: Load) -> str:
    """GoogleSQL that replaces the window of `target` with `batch` and records the load, in one transaction.

    Rows that differ are updated, new ones inserted, and rows that the source has withdrawn deleted; the head of
    `replace_window.sql` says which rows these are. When the batch cannot be trusted, the script ends with an error and
    changes nothing. Its last statement returns one row: `days_kept`, days with standing rows from a later or more
    mature answer, and `held_back`, days that would have lost data, each with its reason.

    :param target: landing table, `project.dataset.table`.
    :param batch: table that holds the extracted rows, `project.dataset.table`.
    :param ledger: table `load_ledger`, `project.dataset.table`.
    """
    columns = [column.name for column in contract.columns]
    return _template().render(
        table=contract.table,
        landing_table=target,
        batch_table=batch,
        ledger_table=ledger,
        load=load,
        dataset=contract.dataset_id,
        date=contract.date_column,
        observed=contract.observed_column,
        measures=list(dict.fromkeys([contract.observed_column, *contract.required_measures])),
        columns=columns,
        key=contract.key,
        values=[name for name in columns if name not in contract.key],
        coverage=contract.coverage,
        maturity=contract.maturity,
        accepted_losses=contract.accepted_losses,
        refused_losses=contract.refused_losses,
        refused=REFUSED,
    )


def _text(value: str) -> str:
    """A GoogleSQL string literal of any text; a run id may contain any character."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


@cache
def _template() -> Template:
    # Nothing is escaped, because the template is SQL and not HTML.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["text"] = _text
    return environment.get_template("replace_window.sql")
