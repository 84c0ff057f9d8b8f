"""Finds the tables that a statement would read without a bound on their partitions.

BigQuery refuses a query over a table with `requirePartitionFilter` unless a predicate on the partition column can
eliminate partitions (https://cloud.google.com/bigquery/docs/querying-partitioned-tables#require-filter). According to
that page, `partition_id = x and other = y` is sufficient, `partition_id = x or other = y` is not, and only constant
expressions eliminate partitions. Where the page leaves a case open, the stricter reading holds here:

- A predicate that compares the column with another column, or with a subquery, does not count, nor does one on a
  function of the column that does not keep its order.
- A predicate outside a view, a subquery or a CTE counts when it can be pushed down to the scan: the column is handed on
  as it is, without a limit, and every grouping and window on the way is by that column.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from sqlglot import exp, parse_one
from sqlglot.optimizer.scope import Scope, traverse_scope

from laptop.edge.remembering import shared_trees

_KEEP_ORDER = (exp.Paren, exp.Cast, exp.Date, exp.DateTrunc, exp.TimestampTrunc, exp.DatetimeTrunc)
_COMPARISONS = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Is)


def unbounded_tables(
    sql: str, project: str, required: Mapping[str, str], views: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Tables that `sql` reads without a bound on their partitions.

    :param sql: a statement or a script.
    :param project: project of names that have none.
    :param required: partition column of every table that asks for a filter, by `project.dataset.table`.
    :param views: query of every view, by `project.dataset.table`; a query over a view reads what the view reads.
    :returns: name and partition column of each, in the order they are met; a table may appear twice.
    :raises sqlglot.errors.SqlglotError: `sql` cannot be read.
    """
    found: list[tuple[str, str]] = []
    for parsed in shared_trees(sql):
        if parsed is None or (isinstance(parsed, exp.Create) and parsed.kind == "VIEW"):
            continue
        statement = _with_views(parsed, project, views)
        found += _unbounded_target(statement, project, required)
        for query in _outermost_queries(statement):
            found += _Query(query, project, required).unbounded()
    return found


def _with_views(statement: exp.Expression, project: str, views: Mapping[str, str]) -> exp.Expression:
    """`statement` with every view replaced by its query; `statement` itself when it reads no view."""
    if any(_name(table, project) in views for table in statement.find_all(exp.Table)):
        statement = statement.copy()
    while scans := [t for t in statement.find_all(exp.Table) if _name(t, project) in views]:
        for scan in scans:
            query = _parsed_view(views[_name(scan, project)]).copy()
            scan.replace(exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(scan.alias_or_name))))
    return statement


@lru_cache(maxsize=64)
def _parsed_view(sql: str) -> exp.Expression:
    return parse_one(sql, read="bigquery")


def _name(table: exp.Table, project: str) -> str:
    """`project.dataset.table`; empty for the name of a CTE."""
    return f"{table.catalog or project}.{table.db}.{table.name}" if table.db else ""


def _outermost_queries(statement: exp.Expression) -> Iterator[exp.Query]:
    """The queries of a statement that lie in no other query."""
    for node in statement.walk(prune=lambda node: isinstance(node, exp.Query)):
        if isinstance(node, exp.Subquery):
            yield node.unnest()
        elif isinstance(node, exp.Query):
            yield node


def _unbounded_target(
    statement: exp.Expression, project: str, required: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Tables that DML reads by itself: the target, and a table after `using`."""
    if isinstance(statement, exp.Merge):
        condition, tables = _merge_condition(statement), [statement.this, statement.args["using"]]
    elif isinstance(statement, (exp.Update, exp.Delete)):
        where = statement.args.get("where")
        condition, tables = where.this if where else exp.false(), [statement.this]
    else:
        return
    for table in tables:
        column = required.get(_name(table, project)) if isinstance(table, exp.Table) else None
        if column and not _bounds(condition, column, table.alias_or_name):
            yield _name(table, project), column


def _merge_condition(merge: exp.Merge) -> exp.Expression:
    """The condition that rows of the target must meet to be read: the condition of `on`. Where that is the constant
    false, it is the conditions of the clauses `when not matched by source`, the only ones that then read the target
    (https://cloud.google.com/bigquery/docs/using-dml-with-partitioned-tables#pruning_partitions_when_using_a_merge_statement).
    """
    condition = merge.args["on"]
    if not (isinstance(condition, exp.Boolean) and not condition.this):
        return condition
    by_source = [when.args.get("condition") for when in merge.find_all(exp.When) if when.args.get("source")]
    return exp.or_(*by_source) if by_source and None not in by_source else condition


class _Query:
    """A query with all its subqueries, CTEs and unions."""

    def __init__(self, query: exp.Query, project: str, required: Mapping[str, str]) -> None:
        self.project, self.required = project, required
        self.scopes = traverse_scope(query)
        # Where each scope is read: the reading scope, and the name it has there.
        self.readers: dict[int, list[tuple[Scope, str | None]]] = defaultdict(list)
        for scope in self.scopes:
            for branch in scope.union_scopes or ():
                self.readers[id(branch)].append((scope, None))
            if not scope.union_scopes:
                for name, (_, source) in scope.selected_sources.items():
                    if isinstance(source, Scope):
                        self.readers[id(source)].append((scope, name))

    def unbounded(self) -> Iterator[tuple[str, str]]:
        for scope in self.scopes:
            if scope.union_scopes:
                continue
            for name, (_, source) in scope.selected_sources.items():
                column = self.required.get(_name(source, self.project)) if isinstance(source, exp.Table) else None
                if column and not self._bounded(scope, name, column):
                    yield _name(source, self.project), column

    def _bounded(self, scope: Scope, name: str, column: str) -> bool:
        """Whether the table that `scope` reads as `name` is bounded by its column, in this scope or in every scope that
        reads this one."""
        select = scope.expression
        if any(_bounds(predicate, column, name) for predicate in _predicates(select, name)):
            return True
        if not _lets_predicates_through(select, column):
            return False
        return any(self._read_within_bounds(scope, output) for output in _handed_on(select, column, name))

    def _read_within_bounds(self, scope: Scope, column: str) -> bool:
        readers = self.readers[id(scope)]
        return bool(readers) and all(
            self._bounded(reader, name, column)
            if name is not None
            else self._read_within_bounds(reader, _name_in_union(reader, scope, column))
            for reader, name in readers
        )


def _name_in_union(union: Scope, branch: Scope, column: str) -> str:
    """The name that a branch's column has in the union: the name that the first branch has at the same position."""
    names, first = branch.expression.named_selects, union.expression.named_selects
    return first[names.index(column)] if column in names and len(names) == len(first) else column


def _predicates(select: exp.Expression, name: str) -> Iterator[exp.Expression]:
    """The conditions that every row of `name` must meet to reach the result."""
    if where := select.args.get("where"):
        yield where.this
    for join in select.args.get("joins") or ():
        if condition := join.args.get("on"):
            # an outer join keeps the rows of its other side even where the condition is false
            preserved = {"": False, "LEFT": join.alias_or_name != name, "RIGHT": join.alias_or_name == name}
            if not preserved.get(join.side, True):
                yield condition


def _bounds(predicate: exp.Expression, column: str, name: str) -> bool:
    """Whether a predicate bounds `name.column` by constants."""
    predicate = predicate.unnest()
    if isinstance(predicate, exp.And):
        return _bounds(predicate.left, column, name) or _bounds(predicate.right, column, name)
    if isinstance(predicate, exp.Or):
        return _bounds(predicate.left, column, name) and _bounds(predicate.right, column, name)
    if isinstance(predicate, exp.Not) and isinstance(predicate.this.unnest(), exp.Is):
        predicate = predicate.this.unnest()
    if not isinstance(predicate, _COMPARISONS) or predicate.find(exp.Query):
        return False
    columns = list(predicate.find_all(exp.Column))
    return bool(columns) and all(_is(found, column, name) and _keeps_order(found, predicate) for found in columns)


def _keeps_order(found: exp.Expression, predicate: exp.Expression) -> bool:
    """Whether the predicate compares the column itself, or the column cut to its month, day or date."""
    while (found := found.parent) is not predicate:
        if not isinstance(found, _KEEP_ORDER):
            return False
    return True


def _is(found: exp.Expression, column: str, name: str) -> bool:
    """Whether an expression is `name.column`. Aliases and column names are not case-sensitive in BigQuery."""
    if not isinstance(found, exp.Column) or found.name.lower() != column.lower():
        return False
    return found.table.lower() in ("", name.lower())


def _lets_predicates_through(select: exp.Expression, column: str) -> bool:
    """Whether a predicate on `column` of the result may be applied to the rows read instead."""
    if select.args.get("limit") or select.args.get("offset"):
        return False
    own = [node for item in (*select.expressions, select.args.get("qualify")) if item for node in _own(item)]
    if group := select.args.get("group"):
        if not any(isinstance(by, exp.Column) and by.name.lower() == column.lower() for by in group.expressions):
            return False
    elif any(isinstance(node, exp.AggFunc) and not isinstance(node.parent, exp.Window) for node in own):
        return False
    return all(
        any(isinstance(by, exp.Column) and by.name.lower() == column.lower() for by in node.args["partition_by"] or ())
        for node in own
        if isinstance(node, exp.Window)
    )


def _own(item: exp.Expression) -> Iterator[exp.Expression]:
    """Nodes of an expression that lie in no subquery."""
    yield from item.walk(prune=lambda node: isinstance(node, exp.Query))


def _handed_on(select: exp.Expression, column: str, name: str) -> Iterator[str]:
    """Names under which `select` hands `name.column` on as it is."""
    for item in select.expressions:
        value = item.unalias()
        if item.is_star and not isinstance(value, exp.Count):
            if not isinstance(value, exp.Column) or value.table == name:
                star = value.this if isinstance(value, exp.Column) else value
                if column.lower() not in {left_out.name.lower() for left_out in star.args.get("except_") or ()}:
                    yield column
        elif _is(value, column, name):
            yield item.alias_or_name
