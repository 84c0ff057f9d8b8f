"""How a dataset is asked for, checked and loaded: every field with its meaning, how to choose its value, an example.

`odre.contract_columns` has the fields that say what the data hold.

These descriptions are the only ones. `laptop.contract_reference` prints them as docs/contract.md, and as comments in
the contract that `make dataset` generates.
"""

from __future__ import annotations

from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from croniter import croniter
from pydantic import Field, field_validator

from odre.contract_columns import Entities
from odre.strict import Strict


def _cron(expression: str) -> str:
    if not croniter.is_valid(expression):
        raise ValueError(f"{expression!r} is not a cron expression such as '40 9 * * *'")
    return expression


class Clock(Strict):
    """The columns that place a row within its day, for data finer than a day."""

    timestamp: str = Field(
        description="TIMESTAMP column that holds the instant at which the step of a row begins. The API is filtered "
        "on it.",
        examples=["date_heure"],
    )
    time: str = Field(
        description="STRING column that holds the local clock time `HH:MM` at which the step begins. It must agree "
        "with the instant, except on the two days a year when clocks change.",
        examples=["heure"],
    )


class Partitioning(Strict):
    """Time partitioning of the landing table in BigQuery."""

    field: str = Field(
        description="Column whose values decide the partition of a row. Use `date_column`: the MERGE bounds it, so "
        "that BigQuery reads only the partitions of the window.",
        examples=["date"],
    )
    granularity: Literal["month"] = Field(
        description="Length of a partition. Months keep decades of daily data far below BigQuery's limit of 10,000 "
        "partitions.",
        examples=["month"],
    )
    require_filter: bool = Field(
        default=False,
        description="Whether BigQuery refuses queries that have no bound on `field`, and so would read the whole "
        "table. Set it for tables of many million rows.",
        examples=[True],
    )


class Maturity(Strict):
    """How final a row is. A batch never replaces a day that the table already holds in a more mature state."""

    column: str = Field(
        description="STRING column in which the source says how final the row is.",
        examples=["nature"],
    )
    order: list[str] = Field(
        min_length=2,
        description="All values of that column, from provisional to final. Accents, case, spaces and punctuation do "
        "not matter when values are compared. A day that has a row with another value is set aside.",
        examples=[["Données temps réel", "Données consolidées", "Données définitives"]],
    )


class Decision(Strict):
    """What a person has decided about data that break the contract, so that later runs need not ask again."""

    day: date = Field(description="Local day of the data.", examples=["2024-01-05"])
    column: str | None = Field(
        default=None,
        description="Column that the message names. Leave it out for a message about the day as a whole: that it would "
        "lose all observed values, most of its rows, or most values of a measure.",
        examples=["nucleaire"],
    )
    verdict: Literal["accept", "leave out"] = Field(
        description="`accept`: the value is right although it lies outside `range`, or the loss is meant, and the next "
        "run that asks for the day loads it. `leave out`: it is wrong for good; the standing rows are kept, and runs "
        "no longer fail because of it.",
        examples=["accept"],
    )


class Sweep(Strict):
    """An occasional run that looks back further than the others, for revisions that are rare and old."""

    schedule: str = Field(
        description="Cron expression, in `timezone`. The run whose data interval holds its tick looks back further; "
        "no run is added. Choose a tick at which the DAG runs anyway.",
        examples=["40 9 3 * *"],
    )
    lookback_days: int = Field(
        gt=0,
        description="Days before the data interval that this run asks for again. Choose the age of the oldest "
        "revision that the source has been seen to make.",
        examples=[800],
    )

    _schedule_is_cron = field_validator("schedule")(_cron)


class Ingestion(Strict):
    """How a dataset is asked for, checked and loaded. In the contract: `config.meta.odre` of the source table."""

    title: str = Field(
        min_length=1,
        max_length=40,
        description="Short English name of the dataset, written as in the middle of a sentence. The dashboard, the "
        "DAG's documentation and messages use it.",
        examples=["electricity mix"],
    )
    title_fr: str | None = Field(
        default=None,
        max_length=40,
        description="The same in French, for the dashboard, which otherwise shows the English one.",
        examples=["mix électrique"],
    )
    dataset_id: str = Field(
        description="ODRÉ dataset that is asked for the window: the last part of the address of its page.",
        examples=["stock-quotidien-stockages-gaz"],
    )
    history_dataset_id: str | None = Field(
        default=None,
        description="ODRÉ dataset with the same columns that takes over older days in a more mature state. It answers "
        "for the days that it holds, up to the last one that it holds whole, and `dataset_id` for all others. Leave it "
        "out where one dataset holds everything.",
        examples=["eco2mix-national-cons-def"],
    )
    publisher: str = Field(
        description="Who produces the data, as its licence wants it to be named.",
        examples=["Storengy, Teréga"],
    )
    license: str = Field(
        description="Licence of the data, as the dataset's page names it.",
        examples=["Licence Ouverte v2.0 (Etalab)"],
    )
    timezone: str = Field(
        description="IANA time zone whose calendar days make a window, and whose clock `schedule` follows.",
        examples=["Europe/Paris"],
    )
    schedule: str = Field(
        description="Cron expression of the DAG, in `timezone`. Choose a time shortly after the source usually "
        "publishes.",
        examples=["40 9 * * *"],
    )
    start_date: date = Field(
        description="First local day that the dataset can hold. A full refresh begins there, and ranges before it "
        "are refused.",
        examples=["2010-11-01"],
    )
    key: list[str] = Field(
        min_length=1,
        description="Columns that together identify a row, and are never empty. A day on which two rows share the "
        "key and differ elsewhere is set aside; a row that is sent again replaces the row with its key.",
        examples=[["date", "pits"]],
    )
    date_column: str = Field(
        description="DATE column with the local calendar day of a row. Windows are ranges of it, and the API is "
        "filtered on it unless `clock` names an instant.",
        examples=["date"],
    )
    clock: Clock | None = Field(
        default=None,
        description="Columns that hold the instant and the local clock time of a row. Name them for data "
        "finer than a day, and leave them out otherwise.",
        examples=[{"timestamp": "date_heure", "time": "heure"}],
    )
    observed_column: str = Field(
        description="The measure that tells an observed row from a forecast or an empty slot: it is filled on every "
        "row that was really measured, and null on the others. Rows without it do not count as received "
        "observations, and a day that would lose all its values of this column keeps what it has. Choose the "
        "measure for which the dataset exists.",
        examples=["stock_fin_de_journee"],
    )
    entities: Entities | None = Field(
        default=None,
        description="The entities that the rows are about, where they are known by name. A day is complete when every "
        "entity in service has reported. Without it, an entity is expected from its first value on.",
        examples=[{"column": "pits", "members": [{"name": "Saline"}]}],
    )
    order_by: list[str] = Field(
        min_length=1,
        description="Columns by which the API is asked to sort, ascending. Begin with the day or the instant: an "
        "export in another order is sorted here, in memory.",
        examples=[["date", "pits"]],
    )
    partition_by: Partitioning = Field(
        description="Time partitioning of the landing table.",
        examples=[{"field": "date", "granularity": "month"}],
    )
    cluster_by: list[str] = Field(
        max_length=4,
        description="Up to four columns by which BigQuery sorts the rows of a partition. Choose those that queries "
        "filter or join on, which is usually the key.",
        examples=[["date", "pits"]],
    )
    coverage: list[str] = Field(
        min_length=1,
        description="Columns that say what an answer speaks about, and so which rows it may delete. A row that stands "
        "in the table and is missing from the answer is deleted only if the answer has another row with the same "
        "values in these columns. `[date]`: a day that the answer holds is replaced as a whole, a day that it does "
        "not hold stays. `[date, source]`: an operator that has no row on a day keeps the rows it had. Choose "
        "`[date]` unless the rows of one day come from publishers that can be silent independently of each other.",
        examples=[["date", "source"]],
    )
    maturity: Maturity | None = Field(
        default=None,
        description="The column that says how final a row is. Give it where the source publishes provisional rows "
        "first and replaces them later.",
        examples=[{"column": "nature", "order": ["Données temps réel", "Données consolidées"]}],
    )
    lookback_days: int = Field(
        ge=0,
        description="Days before its data interval that every scheduled run asks for again, because the source still "
        "revises them or fills them in. Choose the age that revisions ordinarily reach: a longer look-back moves "
        "more rows in every run, a shorter one leaves revised days to the sweep. Backfills never look back.",
        examples=[62],
    )
    sweep: Sweep | None = Field(
        default=None,
        description="An occasional longer look-back. Leave it out where the source never changes a day that is older "
        "than `lookback_days`.",
        examples=[{"schedule": "40 9 3 * *", "lookback_days": 800}],
    )
    decisions: tuple[Decision, ...] = Field(
        default=(),
        description="Decisions about single days whose data break the contract. Without a decision, "
        "such a day keeps its standing rows, and every run that asks for it fails at its end.",
        examples=[[{"day": "2024-01-05", "column": "nucleaire", "verdict": "accept"}]],
    )

    _schedule_is_cron = field_validator("schedule")(_cron)

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{name!r} is not a time zone such as 'Europe/Paris'") from None
        return name
