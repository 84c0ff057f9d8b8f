"""What `create table` declares and bqemulator 1.4.0 forgets: partitioning by an expression, clustering and labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp, parse


@dataclass(frozen=True)
class Declared:
    """One table of a script.

    :param place: project, dataset, table.
    :param partition_column: column the table is partitioned by; `None` when it is not, or by the time of ingestion.
    :param granularity: `DAY`, `HOUR`, `MONTH` or `YEAR`.
    :param requires_filter: whether queries must bound the partition column.
    :param cluster_by: columns the table is clustered by.
    :param labels: labels of the table.
    """

    place: tuple[str, str, str]
    partition_column: str | None
    granularity: str
    requires_filter: bool
    cluster_by: tuple[str, ...]
    labels: dict[str, str]


def declared_tables(sql: str, project: str) -> Iterator[Declared]:
    """The tables that `sql` creates, temporary ones aside.

    :param sql: a statement or a script.
    :param project: project of names that have none.
    :raises sqlglot.errors.ParseError: `sql` cannot be read.
    """
    for statement in parse(sql, read="bigquery"):
        if not isinstance(statement, exp.Create) or statement.kind != "TABLE":
            continue
        table, properties = statement.find(exp.Table), statement.args.get("properties")
        if not table.db or properties is None:
            continue
        options = {
            item.this.name.lower(): item.args["value"]
            for item in properties.expressions
            if isinstance(item, exp.Property) and type(item) is exp.Property
        }
        partition, cluster = properties.find(exp.PartitionedByProperty), properties.find(exp.ClusterProperty)
        unit = partition and partition.find(exp.Var, exp.Literal)
        yield Declared(
            place=(table.catalog or project, table.db, table.name),
            partition_column=_first_name(partition.this) if partition else None,
            granularity=unit.name.upper() if unit else "DAY",
            requires_filter=bool(options.get("require_partition_filter", exp.false()).this),
            cluster_by=tuple(_first_name(column) for column in cluster.expressions) if cluster else (),
            labels=_labels(options.get("labels")),
        )


def _first_name(expression: exp.Expression) -> str:
    """Name of the column in `column`, `date(column)` or `date_trunc(column, month)`."""
    return expression.find(exp.Identifier).name


def _labels(pairs: exp.Expression | None) -> dict[str, str]:
    found = pairs.find_all(exp.Tuple) if pairs else ()
    return {name.name: value.name for name, value in (pair.expressions for pair in found)}
