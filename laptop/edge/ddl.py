"""Reads the parts of `create table` and `create view` that bqemulator 1.4.0 ignores or cannot read.

It forgets partitioning by an expression, clustering and labels, and cannot read columns with types and descriptions
before `as select`, which is how dbt writes a table whose contract is enforced
(https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language#create_table_statement).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.tokens import Token, TokenType

from laptop.edge.remembering import shared_trees


@dataclass(frozen=True)
class Declared:
    """One table of a script.

    :param place: project, dataset, table.
    :param partition_column: column of dates or instants the table is partitioned by; `None` when there is none.
    :param granularity: `DAY`, `HOUR`, `MONTH` or `YEAR`.
    :param requires_filter: whether queries must bound the partition column.
    :param cluster_by: columns the table is clustered by.
    :param labels: labels of the table.
    :param descriptions: descriptions of its columns.
    """

    place: tuple[str, str, str]
    partition_column: str | None
    granularity: str
    requires_filter: bool
    cluster_by: tuple[str, ...]
    labels: dict[str, str]
    descriptions: dict[str, str]


def without_columns(sql: str) -> str:
    """`sql` with the columns taken out of every `create table … (columns) … as select`.

    The table takes its columns from the query. BigQuery would also refuse a query whose columns differ from the
    declared ones in number or type.
    """
    tokens = BigQuery().tokenize(sql)
    kept, position = [], 0
    for number, token in enumerate(tokens):
        if token.token_type is TokenType.CREATE and (columns := _declared_columns(tokens[number:])):
            kept.append(sql[position : columns[0].start])
            position = columns[-1].end + 1
    return "".join([*kept, sql[position:]])


def _declared_columns(tokens: list[Token]) -> list[Token]:
    """Tokens of the column list, parentheses included, of a statement that begins with `create`.

    :returns: an empty list when the statement declares no columns or has no query.
    """
    end = next((n for n, token in enumerate(tokens) if token.token_type is TokenType.SEMICOLON), len(tokens))
    kinds = [token.token_type for token in tokens[:end]]
    opening = kinds.index(TokenType.L_PAREN) if TokenType.L_PAREN in kinds else end
    before = kinds[:opening]
    if TokenType.TABLE not in before or {TokenType.ALIAS, TokenType.PARTITION_BY, TokenType.CLUSTER_BY} & set(before):
        return []
    if opening == end or not _is_name(tokens[opening - 1]):
        return []
    depth, closing = 0, opening
    for closing in range(opening, end):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(kinds[closing], 0)
        if depth == 0:
            break
    return tokens[opening : closing + 1] if TokenType.ALIAS in kinds[closing:] else []


def _is_name(token: Token) -> bool:
    """Whether a token ends the name of a table. `options (…)` can follow the name too, and is not a part of it."""
    return token.token_type in (TokenType.IDENTIFIER, TokenType.VAR) and token.text.lower() != "options"


def declared_tables(sql: str, project: str) -> Iterator[Declared]:
    """The tables that `sql` creates, temporary ones aside.

    :param sql: a statement or a script.
    :param project: project of names that have none.
    :raises sqlglot.errors.ParseError: `sql` cannot be read.
    """
    for statement in shared_trees(sql):
        if not isinstance(statement, exp.Create) or statement.kind != "TABLE":
            continue
        table, properties = statement.find(exp.Table), statement.args.get("properties")
        if not table.db:
            continue
        properties = properties or exp.Properties(expressions=[])
        options = _options(properties)
        partition, cluster = properties.find(exp.PartitionedByProperty), properties.find(exp.ClusterProperty)
        if partition and isinstance(partition.this, exp.RangeBucket):
            partition = None  # by ranges of integers, which the emulator's catalog keeps elsewhere
        unit = partition and partition.find(exp.Var, exp.Literal)
        yield Declared(
            place=(table.catalog or project, table.db, table.name),
            partition_column=_first_name(partition.this) if partition else None,
            granularity=unit.name.upper() if unit else "DAY",
            requires_filter=bool(options.get("require_partition_filter", exp.false()).this),
            cluster_by=tuple(_first_name(column) for column in cluster.expressions) if cluster else (),
            labels=_labels(options.get("labels")),
            descriptions={
                column.name: _options(found)["description"].name
                for column in statement.this.find_all(exp.ColumnDef)
                if (found := column.find(exp.Properties)) and "description" in _options(found)
            },
        )


def labels_of_views(sql: str, project: str) -> Iterator[tuple[tuple[str, str, str], dict[str, str]]]:
    """Place and labels of the views that `sql` creates; the parameters are those of `declared_tables`."""
    for statement in shared_trees(sql):
        if (
            isinstance(statement, exp.Create)
            and statement.kind == "VIEW"
            and not statement.find(exp.MaterializedProperty)
        ):
            view = statement.find(exp.Table)
            properties = statement.args.get("properties") or exp.Properties(expressions=[])
            if view.db:
                yield (view.catalog or project, view.db, view.name), _labels(_options(properties).get("labels"))


def _options(properties: exp.Properties) -> dict[str, exp.Expression]:
    """Values of `options (…)`, by name."""
    plain = (item for item in properties.expressions if type(item) is exp.Property)
    return {item.this.name.lower(): item.args["value"] for item in plain}


def _first_name(expression: exp.Expression) -> str:
    """Name of the column in `column`, `date(column)` or `date_trunc(column, month)`."""
    return str(expression.find(exp.Identifier).name)


def _labels(pairs: exp.Expression | None) -> dict[str, str]:
    found = pairs.find_all(exp.Tuple) if pairs else ()
    return {name.name: value.name for name, value in (pair.expressions for pair in found)}
