"""The contract of a dataset, read from `models/staging/<table>/_sources.yml` of the dbt project.

That file is the only description of a dataset; `odre.contract_fields` says what it can hold. From it come the schema
of the canonical Parquet files (`Contract.arrow_schema`) and of the landing table (`Contract.bigquery_schema`), the
checks on incoming data (`odre.exports`), the MERGE (`odre.sql.merge`), the DAG and its documentation (`odre.pipeline`),
and, through dbt itself, the dbt docs, source tests and freshness.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from odre.contract_columns import Column
from odre.contract_fields import Ingestion
from odre.contract_measures import MIX
from odre.errors import ContractError
from odre.settings import dbt_project_dir

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE_NAME = "odre"
# Every task reads the contracts, and libyaml's loader, where PyYAML has it, is ten times as fast.
_YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Contract(Ingestion):
    """A dataset: its columns and how it is ingested."""

    table: str = Field(description="Name of the landing table, the DAG, the staging folder and the lake's prefix.")
    description: str = Field(description="What the dataset holds, its grain and its known limitations.")
    columns: tuple[Column, ...] = Field(min_length=1, description="Columns of the landing table, in order.")

    @model_validator(mode="after")
    def _references_exist(self) -> Contract:
        referenced = {*self.key, *self.order_by, *self.cluster_by, *self.coverage, self.date_column}
        referenced |= {self.observed_column, self.partition_by.field}
        if self.clock:
            referenced |= {self.clock.timestamp, self.clock.time}
        if self.maturity:
            referenced.add(self.maturity.column)
        referenced |= {decision.column for decision in self.decisions if decision.column}
        if unknown := referenced - {column.name for column in self.columns}:
            raise ValueError(f"refers to columns it does not declare: {', '.join(sorted(unknown))}")
        return self

    @model_validator(mode="after")
    def _types_fit(self) -> Contract:
        expected = {"date_column": (self.date_column, "DATE")}
        if self.clock:
            expected["clock.timestamp"] = (self.clock.timestamp, "TIMESTAMP")
            expected["clock.time"] = (self.clock.time, "STRING")
        if self.maturity:
            expected["maturity.column"] = (self.maturity.column, "STRING")
        for field, (name, data_type) in expected.items():
            if (column := self.by_name.get(name)) and column.data_type != data_type:
                raise ValueError(f"{field} is {name}, which is {column.data_type} and has to be {data_type}")
        return self

    @model_validator(mode="after")
    def _entities_differ(self) -> Contract:
        if not self.entities:
            return self
        if self.entities.column not in self.key:
            raise ValueError(f"entities.column is {self.entities.column}, which is no column of the key")
        spellings = [
            name for entity in self.entities.members for name in {plain(n) for n in (entity.name, *entity.aliases)}
        ]
        if twice := {name for name in spellings if spellings.count(name) > 1}:
            raise ValueError(f"two entities are called {', '.join(sorted(twice))}")
        return self

    @model_validator(mode="after")
    def _measures_differ(self) -> Contract:
        named = [column.measure for column in self.columns if column.measure]
        if named and self.table != MIX:
            raise ValueError(f"measure of a column: only {MIX} has measures, and the models would not read this one")
        taken = [("name", measure.name) for measure in named]
        taken += [("legacy", measure.legacy) for measure in named if measure.legacy]
        taken += [(f"label of kind {measure.kind}", measure.label) for measure in named if measure.label]
        for (field, value), times in Counter(taken).items():
            if times > 1:
                raise ValueError(f"two measures have the same {field}: {value}")
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
        """The column's name for every header that an answer may have; the headers are folded by `fold`."""
        return {
            fold(header): column.name
            for column in self.columns
            for header in (column.name, column.label, *column.aliases)
        }

    @cached_property
    def required(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns if column.required) | set(self.key)

    @property
    def required_measures(self) -> list[str]:
        """Columns that have to hold values on observed rows."""
        return [column.name for column in self.columns if column.required and column.unit]

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
    def schema_hash(self) -> str:
        """Identifies names and types of the canonical columns: 12 hexadecimal digits."""
        text = ";".join(f"{field.name}:{field.type}" for field in self.arrow_schema)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @cached_property
    def bigquery_schema(self) -> list[dict[str, str]]:
        """Schema of the landing table in BigQuery's API form."""
        from google.cloud.bigquery.enums import SqlTypeNames

        return [
            {
                "name": column.name,
                "type": SqlTypeNames[column.data_type].value,  # BigQuery's API has its own names for some types
                "mode": "NULLABLE",
                "description": column.documentation,
            }
            for column in self.columns
        ]

    def verdict(self, day: date, column: str | None) -> Literal["accept", "leave out"] | None:
        """What a person has decided about a column of a day, or about the day as a whole; `None` without a decision."""
        verdicts = [d.verdict for d in self.decisions if (d.day, d.column) == (day, column)]
        return verdicts[-1] if verdicts else None

    @property
    def accepted_losses(self) -> list[date]:
        """Days that may lose their observed values, most of their rows, or most values of a measure."""
        return self._days_with("accept")

    @property
    def refused_losses(self) -> list[date]:
        """Days that keep their standing rows for good when an answer would take away their values, or most of their
        rows or of the values of a measure."""
        return self._days_with("leave out")

    def _days_with(self, verdict: str) -> list[date]:
        """Days whose last decision about the day as a whole is `verdict`, ascending."""
        return sorted({d.day for d in self.decisions if self.verdict(d.day, None) == verdict})

    @property
    def documentation(self) -> str:
        """Markdown shown on the DAG page."""
        lines = [
            f"### {self.title[0].upper()}{self.title[1:]} (`{self.dataset_id}`)",
            self.description,
            "",
            f"Published by {self.publisher} on ODRÉ under {self.license}.",
            "",
            "| column | type | unit | description |",
            "|---|---|---|---|",
        ]
        lines += [f"| `{c.name}` | {c.data_type} | {c.unit or ''} | {c.description} |" for c in self.columns]
        return "\n".join(lines)


def fold(header: str) -> str:
    """Reduce a header to what identifies its column: no accents, no unit in brackets, no case, no punctuation.

    >>> fold("Prévision J-1 (MW)") == fold("prevision_j1")
    True
    """
    return plain(re.sub(r"\([^)]*\)\s*$", "", header.lstrip("\ufeff").strip()))


def plain(name: str) -> str:
    """Reduce a name to its letters without accents and case, and its digits: what spellings of it have in common.

    >>> plain(" Sediane-B") == plain("SEDIANE B") != plain("Sediane (B2)")
    True
    """
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", letters.lower())


def unit_of(header: str) -> str | None:
    """The text in brackets at the end of a header, where units stand; `None` when there is none.

    >>> unit_of("TMoy (° C)")
    '°c'
    """
    found = re.search(r"\(([^)]*)\)\s*$", unicodedata.normalize("NFKC", header))
    return re.sub(r"\s", "", found[1]).casefold() if found else None


def contract_path(table: str) -> Path:
    """File that holds the contract of `table`."""
    return dbt_project_dir() / "models" / "staging" / table / "_sources.yml"


@cache
def load_contract(table: str) -> Contract:
    """Read the contract of a landing table.

    :raises ContractError: the file is missing, or is not a valid contract.
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
        return Contract.model_validate(
            {
                "table": table,
                "description": " ".join(entry["description"].split()),
                "columns": columns,
                **entry["config"]["meta"][SOURCE_NAME],
            }
        )
    except (OSError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        cause = f"{type(error).__name__}: {error}"
        if isinstance(error, ValidationError):
            cause = _first_problem(error, columns)
        raise ContractError(table, f"contract {path.name} is not valid: {cause}", f"correct {path}") from error


def _first_problem(error: ValidationError, columns: list[dict[str, Any]]) -> str:
    """The first thing that is wrong, and its place. A column is given by its name and not by its number in the list."""
    problem = error.errors()[0]
    place = list(problem["loc"])
    if place[:1] == ["columns"] and len(place) > 1:
        place[1] = columns[int(place[1])].get("name") or f"column {place[1]}"
    where = ".".join(str(part) for part in place)
    return f"{where}: {problem['msg']}" if where else problem["msg"]


def tables() -> list[str]:
    """Landing tables that have a contract, in alphabetical order."""
    return sorted(p.parent.name for p in (dbt_project_dir() / "models" / "staging").glob("*/_sources.yml"))
