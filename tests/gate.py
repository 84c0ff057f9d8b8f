"""Google's own analyzer of GoogleSQL, with the contracts' schemas. The emulator accepts some statements that BigQuery
rejects."""

from __future__ import annotations

import re
from functools import cache

from odre.contract import load_contract, tables
from odre.ledger import LEDGER, LEDGER_FIELDS, SET_ASIDE, SET_ASIDE_FIELDS
from zetasql.api import Analyzer, CatalogBuilder, TableBuilder
from zetasql.types import AnalyzerOptions, LanguageOptions, TypeKind, ZetaSQLBuiltinFunctionOptions

from laptop.environment import PROJECT_ID

STAGING = f"{PROJECT_ID}.de_project_staging"


@cache
def language() -> LanguageOptions:
    """All language features that the analyzer knows. This compiles the analyzer, which takes half a minute, and so is
    not done at import."""
    options = LanguageOptions.maximum_features()
    options.supported_statement_kinds = []  # all of them
    return options


class Gate:
    """Analyzes statements against a catalog that grows with the models it has seen."""

    def __init__(self) -> None:
        self.schemas: dict[str, list[tuple[str, object]]] = {}

    def add(self, name: str, columns: list[tuple[str, object]]) -> None:
        self.schemas[name] = columns

    def check(self, sql: str):
        catalog = CatalogBuilder("bigquery")
        for name, columns in self.schemas.items():
            table = TableBuilder(name)
            for column, kind in columns:
                table.add_column(column, kind)
            catalog.add_table(table.build())
        catalog.with_builtin_functions(ZetaSQLBuiltinFunctionOptions(language_options=language()))
        options = AnalyzerOptions(language_options=language())
        # `a`.`b`.`c` and `a.b.c` are the same table in BigQuery
        return Analyzer(options, catalog.build()).analyze_statement(re.sub(r"`\.`", ".", sql).strip().rstrip(";"))

    def check_query(self, name: str, sql: str) -> None:
        """Check a model's query and add its table to the catalog."""
        resolved = self.check(sql)
        self.add(name, [(output.name, output.column.type) for output in resolved.output_column_list])


def kind_of(data_type: str) -> object:
    kinds = {"FLOAT64": TypeKind.TYPE_DOUBLE}
    return kinds.get(data_type.upper()) or getattr(TypeKind, f"TYPE_{data_type.upper()}")


def contract_columns(table: str) -> list[tuple[str, object]]:
    return [(c.name, kind_of(c.data_type)) for c in load_contract(table).columns]


def landing_gate() -> Gate:
    """A gate that knows the tables of the staging dataset."""
    gate = Gate()
    for table in tables():
        gate.add(f"{STAGING}.{table}", [*contract_columns(table), ("load_id", TypeKind.TYPE_STRING)])
    for table, fields in ((LEDGER, LEDGER_FIELDS), (SET_ASIDE, SET_ASIDE_FIELDS)):
        gate.check_query(f"{STAGING}.{table}", f"select {', '.join(map(_example, fields))}")
    return gate


def _example(field: dict) -> str:
    """A value of a field of BigQuery's API, in GoogleSQL."""
    values = {"STRING": "''", "DATE": "date '2020-01-01'", "TIMESTAMP": "timestamp '2020-01-01'", "INTEGER": "1",
              "BOOLEAN": "true"}  # fmt: skip
    value = (
        f"struct({', '.join(map(_example, field['fields']))})" if field["type"] == "RECORD" else values[field["type"]]
    )
    return f"{f'[{value}]' if field['mode'] == 'REPEATED' else value} as {field['name']}"
