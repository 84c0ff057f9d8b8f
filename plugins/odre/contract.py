"""The contract of a dataset, read from `models/staging/<table>/_sources.yml` of the dbt project.

That file is the only description of a dataset. From it come the schema of the canonical Parquet files
(`Contract.arrow_schema`), of the landing table (`Contract.bigquery_schema`), the checks on incoming
data, the MERGE (`odre.sql.merge`), the DAG and its documentation (`odre.pipeline`), and, through dbt
itself, the dbt docs, source tests and freshness.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from odre.errors import ContractError
from odre.settings import dbt_project_dir

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE_NAME = "odre"
# libyaml where PyYAML has it, which is ten times as fast: every task reads the contracts.
_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What BigQuery's API answers for GoogleSQL's names.
_API_TYPES = {"INT64": "INTEGER", "FLOAT64": "FLOAT"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class Column(_Strict):
    """One column of a landing table.

    :param label: the header ODRÉ gives the column when an export is asked for with labels.
    :param aliases: other headers the column has been seen under.
    :param unit: unit of the values, `None` for what is not a measure.
    :param required: a response without this column is refused; other columns become null.
    :param range: lowest and highest value that is physically possible, beyond it the data are refused.
    :param usual: lowest and highest value that nobody would ask about; beyond it values are loaded and flagged.
    """

    name: str
    data_type: Literal["STRING", "DATE", "TIMESTAMP", "INT64", "FLOAT64"]
    description: str
    label: str
    aliases: tuple[str, ...] = ()
    unit: str | None = None
    required: bool = False
    range: tuple[float, float] | None = None
    usual: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _usual_is_possible(self) -> Column:
        if self.usual and self.range and not self.range[0] <= self.usual[0] <= self.usual[1] <= self.range[1]:
            raise ValueError(f"usual {list(self.usual)} of {self.name} is not within range {list(self.range)}")
        return self

    @property
    def documentation(self) -> str:
        """The description with its unit, as tables and docs show it."""
        return f"{self.description} Unit: {self.unit}." if self.unit else self.description


class Clock(_Strict):
    """Which columns hold the instant and the local clock time of a row."""

    timestamp: str
    time: str


class Partitioning(_Strict):
    """Time partitioning of the landing table.

    :param require_filter: refuse queries that have no bound on `field`, and so would read the whole table.
    """

    field: str
    granularity: Literal["month"]
    require_filter: bool = False


class Maturity(_Strict):
    """The column that says how final a row is, and its values from provisional to final.

    A batch never replaces a day that the table already holds in a more mature state.
    """

    column: str
    order: list[str] = Field(min_length=2)


class Sweep(_Strict):
    """A slower schedule whose runs look back further than the others."""

    schedule: str
    lookback_days: int = Field(gt=0)


class Ingestion(_Strict):
    """What ingestion needs to know beyond the columns; `config.meta.odre` of the source table.

    :param title: short English name, as it reads in the middle of a sentence, such as `electricity mix`.
    :param dataset_id: ODRÉ dataset asked for the window.
    :param history_dataset_id: ODRÉ dataset that takes over rows of older days in a more mature state.
    :param timezone: the zone whose calendar days make a window.
    :param schedule: cron expression of the DAG, in `timezone`.
    :param start_date: first day the dataset can hold.
    :param key: columns that identify a row.
    :param date_column: local calendar day of a row.
    :param clock: instant and clock time of a row, for data finer than a day.
    :param observed_column: null where a row holds forecasts only.
    :param order_by: order asked of the API; rows come in ascending `date_column`.
    :param coverage: columns whose values in a batch say what the source still covers: only rows that
        share them can be deleted by that batch.
    :param lookback_days: days before the data interval that every scheduled run asks for again.
    :param sweep: occasional longer look-back.
    """

    title: str = Field(min_length=1, max_length=40)
    dataset_id: str
    history_dataset_id: str | None = None
    publisher: str
    license: str
    timezone: str
    schedule: str
    start_date: date
    key: list[str] = Field(min_length=1)
    date_column: str
    clock: Clock | None = None
    observed_column: str
    order_by: list[str] = Field(min_length=1)
    partition_by: Partitioning
    cluster_by: list[str]
    coverage: list[str] = Field(min_length=1)
    maturity: Maturity | None = None
    lookback_days: int = Field(ge=0)
    sweep: Sweep | None = None


class Contract(Ingestion):
    """A dataset: its columns and how it is ingested. `table` names the folder, the landing table, the
    lake prefix and the DAG."""

    table: str
    description: str
    columns: tuple[Column, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _references_exist(self) -> Contract:
        referenced = {*self.key, *self.order_by, *self.cluster_by, *self.coverage, self.date_column}
        referenced |= {self.observed_column, self.partition_by.field}
        if self.clock:
            referenced |= {self.clock.timestamp, self.clock.time}
        if self.maturity:
            referenced.add(self.maturity.column)
        if unknown := referenced - {column.name for column in self.columns}:
            raise ValueError(f"refers to columns it does not declare: {', '.join(sorted(unknown))}")
        return self

    @property
    def filter_column(self) -> str:
        """Column the API is filtered on: the instant where there is one, else the day."""
        return self.clock.timestamp if self.clock else self.date_column

    @cached_property
    def by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @cached_property
    def by_header(self) -> dict[str, str]:
        """Column name for every header a response may carry, folded by `fold`."""
        return {
            fold(header): column.name
            for column in self.columns
            for header in (column.name, column.label, *column.aliases)
        }

    @cached_property
    def required(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns if column.required) | set(self.key)

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """Schema of the canonical Parquet files; descriptions travel as field metadata."""
        import pyarrow as pa

        types = {
            "STRING": pa.string(),
            "DATE": pa.date32(),
            "TIMESTAMP": pa.timestamp("us", tz="UTC"),
            "INT64": pa.int64(),
            "FLOAT64": pa.float64(),
        }
        return pa.schema(
            pa.field(
                column.name,
                types[column.data_type],
                nullable=column.name not in self.key,
                metadata={"description": column.documentation},
            )
            for column in self.columns
        )

    @cached_property
    def bigquery_schema(self) -> list[dict[str, str]]:
        """Schema of the landing table in BigQuery's API form."""
        return [
            {
                "name": column.name,
                "type": _API_TYPES.get(column.data_type, column.data_type),
                "mode": "NULLABLE",
                "description": column.documentation,
            }
            for column in self.columns
        ]

    @property
    def documentation(self) -> str:
        """Markdown shown on the DAG page."""
        lines = [
            f"### {self.title[0].upper()}{self.title[1:]} (`{self.dataset_id}`)",
            self.description,
            "",
            f"Published by {self.publisher} on ODRÉ under {self.license}.",
            f"Every scheduled run asks again for the {self.lookback_days} days before its interval"
            + (f", runs on `{self.sweep.schedule}` for {self.sweep.lookback_days} days." if self.sweep else "."),
            "",
            "| column | type | unit | description |",
            "|---|---|---|---|",
        ]
        lines += [f"| `{c.name}` | {c.data_type} | {c.unit or ''} | {c.description} |" for c in self.columns]
        return "\n".join(lines)


def fold(header: str) -> str:
    """Reduce a header to what matters: no accents, unit, case or punctuation.

    >>> fold("Prévision J-1 (MW)") == fold("prevision_j1")
    True
    """
    header = re.sub(r"\([^)]*\)\s*$", "", header.lstrip("\ufeff").strip())
    plain = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())


def contract_path(table: str) -> Path:
    """File that holds the contract of `table`."""
    return dbt_project_dir() / "models" / "staging" / table / "_sources.yml"


@cache
def load_contract(table: str) -> Contract:
    """Read the contract of a landing table.

    :raises ContractError: the file is missing, or says something that does not make sense.
    """
    return read_contract(contract_path(table), table)


def read_contract(path: Path, table: str) -> Contract:
    """Read the contract of `table` from the dbt source file `path`; see `load_contract`."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_YAML_LOADER)  # noqa: S506 - the C form of the safe loader
        (source,) = (s for s in document["sources"] if s["name"] == SOURCE_NAME)
        (entry,) = (t for t in source["tables"] if t["name"] == table)
        columns = [
            {key: column.get(key) for key in ("name", "data_type", "description")}
            | column.get("config", {}).get("meta", {})
            for column in entry["columns"]
        ]
        return Contract(
            table=table,
            description=" ".join(entry["description"].split()),
            columns=columns,
            **entry["config"]["meta"][SOURCE_NAME],
        )
    except (OSError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        cause = _first_problem(error) if isinstance(error, ValidationError) else f"{type(error).__name__}: {error}"
        raise ContractError(table, f"contract {path.name} is not valid: {cause}", f"mend {path}") from error


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}: {problem['msg']}" if where else problem["msg"]


def tables() -> list[str]:
    """Landing tables that have a contract, in alphabetical order."""
    return sorted(p.parent.name for p in (dbt_project_dir() / "models" / "staging").glob("*/_sources.yml"))
