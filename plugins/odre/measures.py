"""The measures of the electricity mix, as the contract of its dataset names them (`odre.contract_measures`).

dbt reads the same entries through the macro `measures`. All Python code, the dashboard included, reads them here.
"""

from __future__ import annotations

from collections.abc import Iterable

from odre.contract import load_contract
from odre.contract_measures import MIX, Kind, MeasureFields


class Measure(MeasureFields):
    """A measure with what its column says.

    :param column: name of the column in the landing table.
    :param required: whether a day without it is incomplete.
    :param usual: lowest and highest plausible value, in the unit of the column; a step outside them is implausible.
        `None` when the measure has no `spike` and so is not judged.
    """

    column: str
    required: bool
    usual: tuple[float, float] | None


def measures(kinds: Iterable[Kind] | None = None) -> tuple[Measure, ...]:
    """The measures of the given kinds, or all of them, in the order of the contract's columns.

    :raises ContractError: the contract is not valid; the message names the column and the field.
    """
    every = (
        Measure(
            column=column.name,
            required=column.required,
            usual=column.usual if column.measure.spike else None,
            **column.measure.model_dump(),
        )
        for column in load_contract(MIX).columns
        if column.measure
    )
    chosen = None if kinds is None else set(kinds)
    return tuple(measure for measure in every if chosen is None or measure.kind in chosen)
