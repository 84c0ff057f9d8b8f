"""Refuses to replace a view by a table, or a table by a view, as BigQuery does, and drops a view.

BigQuery's message is "… is not allowed for this operation because it is currently a TABLE" (SQLMesh/sqlmesh, issue
3196); bqemulator 1.4.0 would answer with DuckDB's message. When `tables.delete` names a view, the emulator answers 500,
which clients retry for minutes; BigQuery drops the view
(https://cloud.google.com/bigquery/docs/managing-views#delete_views).
"""

from __future__ import annotations

from bqemulator.api.dependencies import AppContext
from bqemulator.domain.errors import InvalidQueryError
from bqemulator.storage.sql_identifiers import quoted_table_ref
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from laptop.edge.remembering import shared_trees


def refuse_another_kind(project: str, sql: str, context: AppContext) -> None:
    """Check every `create or replace` of a script, except those of temporary tables.

    :param project: project of names that have none.
    :raises InvalidQueryError: the name belongs to a table and a view is to be made, or the other way round.
    """
    try:
        statements = shared_trees(sql)
    except (ParseError, TokenError):
        return  # the emulator uses the same parser, and will report the error
    for statement in statements:
        if not isinstance(statement, exp.Create) or not statement.args.get("replace"):
            continue
        name = statement.find(exp.Table)
        if statement.kind not in ("TABLE", "VIEW") or name is None or not name.db:
            continue
        place = (name.catalog or project, name.db, name.name)
        standing = context.catalog.get_table(*place)
        if standing and {standing.table_type, statement.kind} == {"TABLE", "VIEW"}:
            raise InvalidQueryError(
                f"{place[0]}:{place[1]}.{place[2]} is not allowed for this operation because it is currently a "
                f"{standing.table_type}.",
                location="query",
            )


async def drop_view(place: tuple[str, str, str], context: AppContext) -> bool:
    """Drop a view.

    :param place: project, dataset and name.
    :returns: whether `place` was a view. If it was not, nothing is done.
    """
    standing = context.catalog.get_table(*place)
    if standing is None or standing.table_type != "VIEW":
        return False
    async with context.engine.write_lock():
        context.engine.execute(f"DROP VIEW IF EXISTS {quoted_table_ref(*place)}")
        context.catalog.delete_table(*place)
    return True
