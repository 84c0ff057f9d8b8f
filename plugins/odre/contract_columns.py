"""What a contract says of the data themselves: the columns, and the entities that rows are about.

`odre.contract_fields` has the fields that say how the data are asked for and loaded. The descriptions here are the only
ones: `laptop.contract_reference` prints them too.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from odre.contract_measures import MeasureFields
from odre.strict import Strict


class Column(Strict):
    """One column of the landing table.

    In the contract `name`, `data_type` and `description` stand in dbt's own places; the other fields stand under
    `config.meta` of the column.
    """

    name: str = Field(
        description="Name of the column in the landing table. Use the field name of the API.",
        examples=["stock_fin_de_journee"],
    )
    data_type: Literal["STRING", "DATE", "TIMESTAMP", "INT64", "FLOAT64"] = Field(
        description="Type in BigQuery. Text of the source is cast to it, and a day with a value that cannot be cast is "
        "set aside. Use FLOAT64 for every measure: a source that sends whole numbers today may send decimals tomorrow.",
        examples=["FLOAT64"],
    )
    description: str = Field(
        description="What a value means, without its unit. It is shown in BigQuery, in the dbt docs and in Airflow.",
        examples=["Gas in storage at the end of the day, gross calorific value at 0 °C."],
    )
    label: str = Field(
        description="Header of the column in an export with labels, as the dataset's page shows it. Accents, case, "
        "punctuation and a unit in brackets at its end do not matter when headers are compared.",
        examples=["Stock fin de journée (GWh PCS 0°C)"],
    )
    aliases: tuple[str, ...] = Field(
        default=(),
        description="Other headers under which the column has been seen. When the source renames a column, add the "
        "new header here.",
        examples=[["Date et Heure"]],
    )
    unit: str | None = Field(
        default=None,
        description="Unit of the values. Only measures have one: leave it out for keys, dates and text.",
        examples=["GWh"],
    )
    required: bool = Field(
        default=False,
        description="Whether an answer without this column is refused. A required column with a unit is also refused "
        "when it is null on every observed row of a window. Other columns are null where the source leaves them out. "
        "Set it for the columns that the marts need.",
        examples=[True],
    )
    range: tuple[float, float] | None = Field(
        default=None,
        description="Lowest and highest value that is physically possible, in `unit`. A day with a "
        "value outside it is set aside, so choose bounds that only an error can cross.",
        examples=[[0, 200000]],
    )
    usual: tuple[float, float] | None = Field(
        default=None,
        description="Lowest and highest value that need no explanation, in `unit`, within `range`. Values outside "
        "it are loaded, counted in the log and in the asset event, and warned about. Models of the mix leave them out.",
        examples=[[0, 134000]],
    )
    measure: MeasureFields | None = Field(
        default=None,
        description="What the column is as a measure of the electricity mix. Only that dataset has measures.",
        examples=[{"name": "battery_charging_mw", "kind": "storage"}],
    )

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Column:
        for name, bounds in (("range", self.range), ("usual", self.usual)):
            if bounds and self.data_type not in ("INT64", "FLOAT64"):
                raise ValueError(f"{name} of {self.name}: only numbers have bounds, {self.data_type} has none")
            if bounds and bounds[0] > bounds[1]:
                raise ValueError(f"{name} of {self.name}: {bounds[0]:g} is greater than {bounds[1]:g}")
        if self.usual and self.range and not self.range[0] <= self.usual[0] <= self.usual[1] <= self.range[1]:
            raise ValueError(f"usual {list(self.usual)} of {self.name} is not within range {list(self.range)}")
        return self

    @property
    def documentation(self) -> str:
        """The description with its unit, as tables and docs show it."""
        return f"{self.description} Unit: {self.unit}." if self.unit else self.description


class Entity(Strict):
    """One of the things that the rows of a dataset are about, such as a storage site or a region."""

    name: str = Field(
        min_length=1,
        description="Value of the column, in the spelling that the landing table has.",
        examples=["Teréga"],
    )
    aliases: tuple[str, ...] = Field(
        default=(),
        description="Other names that the source has used or uses. Accents, case, spaces and punctuation do not "
        "matter when names are compared, so a respelling needs no alias.",
        examples=[["TIGF"]],
    )
    label: str | None = Field(
        default=None,
        description="What people call it, where `name` is a code.",
        examples=["Bretagne"],
    )
    since: date | None = Field(
        default=None,
        description="First day on which values are expected of it. Leave it out for one that has always been "
        "there. A new one needs it, so that earlier days are complete without it.",
        examples=["2027-04-01"],
    )
    until: date | None = Field(
        default=None,
        description="First day on which nothing is expected of it any more, because it has left service.",
        examples=["2029-04-01"],
    )
    sets: dict[str, str] = Field(
        default={},
        description="Other text columns that follow from the entity, with their values, such as the operator of a "
        "site. A row with a value that no entity has in that column gets this one, so that a label that the source "
        "renames changes nothing.",
        examples=[{"source": "Teréga"}],
    )


class Entities(Strict):
    """The entities that the rows of a dataset are about."""

    column: str = Field(
        description="Column of the key that holds the entity.",
        examples=["pits"],
    )
    members: tuple[Entity, ...] = Field(
        min_length=1,
        description="All of them. Rows of any other are set aside and named; they are never counted.",
        examples=[[{"name": "Saline"}, {"name": "Teréga", "aliases": ["TIGF"]}]],
    )
