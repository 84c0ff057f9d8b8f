"""What a contract says of a column that is a measure of the electricity mix. `odre.measures` lists the measures.

The descriptions here are the only ones: `laptop.contract_reference` prints them too.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from odre.strict import Strict

# The dataset whose columns are measures.
MIX = "eco2mix_national_tr"

Kind = Literal["intensity", "consumption", "source", "storage", "border", "exchange", "detail", "forecast"]

# Measures of these kinds become rows or series of their own, and so need a name that people read.
_LABELLED = ("consumption", "source", "border", "forecast")
# Measures of these kinds are drawn side by side in a chart, and so need a colour.
_COLOURED = ("source", "border")


class MeasureFields(Strict):
    """A measure of the electricity mix: what models, marts and the dashboard call the column and do with it.

    SQL reads the measures through the macro `measures`, Python through `odre.measures`, both in the order of the
    columns. A new source or detail is therefore one column in the contract and nothing else.
    """

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*_(mw|g_per_kwh)$",
        description="English name with its unit at the end, as all models call the measure.",
        examples=["nuclear_mw"],
    )
    kind: Kind = Field(
        description="What the measure is. Production is the sum over the kind `source`; a `detail` is a part of a "
        "source; commercial exchange is the sum over the kind `border`.",
        examples=["source"],
    )
    spike: float | None = Field(
        default=None,
        gt=0,
        description="In the unit of the column: a step is implausible when the measure moves by more than this from "
        "one step to the next and is back within two hours, or when it lies outside `usual` of the column. The models "
        "leave such a step out. Take about twice the greatest move between two half-hours that you know to be true. A "
        "measure without it is not judged.",
        examples=[5000],
    )
    label: str | None = Field(
        default=None,
        description="What people read where the measure is a row or a series of its own.",
        examples=["nuclear"],
    )
    label_fr: str | None = Field(
        default=None,
        description="The label in French.",
        examples=["nucléaire"],
    )
    low_carbon: bool = Field(
        default=False,
        description="Whether the source counts as low-carbon.",
        examples=[True],
    )
    legacy: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="Name of the column in `daily_merged`. A measure without one is not in that table.",
        examples=["NucleaireMW"],
    )
    since: date | None = Field(
        default=None,
        description="First day of a source or border that was not always published. Before it, the measure is no part "
        "of the sums; from it on, a sum is null on days of which the measure is not known.",
        examples=["2027-01-01"],
    )
    color: str | None = Field(
        default=None,
        pattern=r"^#[0-9A-Fa-f]{6}$",
        description="Colour in charts, `#RRGGBB`, from Okabe and Ito's palette, which the colour-blind can tell apart.",
        examples=["#CC79A7"],
    )

    @model_validator(mode="after")
    def _kind_is_described(self) -> MeasureFields:
        if self.kind in _LABELLED and not self.label:
            raise ValueError(f"label is missing: a measure of kind {self.kind} is shown by name")
        if self.label and not self.label_fr:
            raise ValueError(f"label_fr is missing: the French name of {self.label}")
        if self.kind in _COLOURED and not self.color:
            raise ValueError(f"color is missing: a measure of kind {self.kind} is drawn beside others")
        if self.low_carbon and self.kind != "source":
            raise ValueError(f"low_carbon is said of a source, not of the kind {self.kind}")
        if self.kind == "border" and not self.name.startswith("exchange_"):
            raise ValueError("name of a border starts with exchange_, and its exports and imports are named after it")
        return self
