"""What BigQuery would bill for a statement, estimated from its text.

With on-demand pricing, a query is billed "with a minimum 10 MB data processed per table referenced by the query"
(https://cloud.google.com/bigquery/pricing#on_demand_pricing), where MB means mebibytes. An hourly run reads at most a
month of some columns of a table, which is below that minimum, so the estimate is 10 MiB for each table that is read.
The estimate is too low for a statement that reads more than 10 MiB of one table.

A table counts once per statement. A view counts as the tables that it reads. A table that a statement creates, drops or
inserts into is not read; the target of an update, delete or merge is read. A contract check, `where false … limit 0`,
bills nothing (dbt-labs/dbt-bigquery, issue 487).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MINIMUM_BYTES = 10 * 2**20
DOLLARS_PER_TIB = 6.25

# Comments and strings, which may contain what looks like a name of a table.
_NOISE = re.compile(r"/\*.*?\*/|--[^\n]*|\"{3}.*?\"{3}|'{3}.*?'{3}|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.DOTALL)
_TABLE = re.compile(r"`?([\w-]+)`?\.`?(\w+)`?\.`?(\w+)`?")
_NOT_READ = re.compile(
    r"\b(?:create\s+(?:or\s+replace\s+)?(?:table|view)(?:\s+if\s+not\s+exists)?|drop\s+(?:table|view)(?:\s+if\s+exists)?"
    r"|insert\s+into|alter\s+table)\s+" + _TABLE.pattern,
    re.IGNORECASE,
)
_VIEW = re.compile(r"\bcreate\s+(?:or\s+replace\s+)?view\b", re.IGNORECASE)
_NOTHING = re.compile(r"\bwhere\s+false\b.*\blimit\s+0\b", re.IGNORECASE | re.DOTALL)


def is_contract_check(sql: str) -> bool:
    """Whether a statement only asks for the columns of a query."""
    return bool(_NOTHING.search(sql))


def tables_read(statement: str, views: Mapping[str, str], project: str) -> set[str]:
    """Tables that a statement reads, as `dataset.table`.

    :param views: query of every view, by `dataset.table`.
    :param project: names of other projects are not tables of ours.
    """
    text = _NOISE.sub(" ", statement)
    if _VIEW.search(text) or is_contract_check(text):
        return set()
    found, waiting = set(), [_NOT_READ.sub(" ", text)]
    while waiting:
        for owner, dataset, table in _TABLE.findall(waiting.pop()):
            name = f"{dataset}.{table}"
            if owner != project or name in found:
                continue
            found.add(name)
            if name in views:
                waiting.append(views[name])
    return found - views.keys()


def billed_bytes(sql: str, views: Mapping[str, str], project: str) -> int:
    """Bytes that BigQuery would bill for a statement or, together, for those of a script, as estimated above."""
    statements = _NOISE.sub(" ", sql).split(";")
    return MINIMUM_BYTES * sum(len(tables_read(statement, views, project)) for statement in statements)
