"""The part of ODSQL that the pipeline uses, translated to DuckDB's SQL."""

from __future__ import annotations

import re

from laptop.replica.schemas import Dataset, Field

_TOKEN = re.compile(
    r"\s*(?:(?P<date>date'[^']*')|(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<operator>>=|<=|!=|=|<|>)|(?P<bracket>[\[\]])|(?P<paren>[(),*])|(?P<word>[A-Za-z_]\w*))"
)
_KEYWORDS = {"and", "or", "not", "is", "null", "in", "to"}
_AGGREGATES = {"min", "max", "sum", "avg", "count"}


class ODSQLError(ValueError):
    """The expression is not valid for this dataset."""


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    while expression[position:].strip():
        match = _TOKEN.match(expression, position)
        if not match:
            raise ODSQLError(f"ODSQL query is malformed near: {expression[position : position + 20]!r}")
        kind = str(match.lastgroup)  # every alternative of the pattern has a name
        tokens.append((kind, match.group(kind)))
        position = match.end()
    return tokens


def where(expression: str, dataset: Dataset) -> str:
    """SQL condition of an ODSQL `where`.

    :raises ODSQLError: the expression is malformed, names an unknown field, or compares a date with a field that is not
        a date.
    """
    sql: list[str] = []
    field = None
    tokens = _tokens(expression)
    position = 0
    while position < len(tokens):
        kind, value = tokens[position]
        if kind == "word" and value.lower() not in _KEYWORDS:
            field = dataset.field(value)
            if field is None:
                raise ODSQLError(f"Unknown field: {value}")
            sql.append(f'"{value}"')
        elif kind == "date":
            sql.append(_date(value, field))
        elif kind == "bracket":
            # field IN [date'a' TO date'b'[  →  field between the two, without the second
            if sql[-1].lower() != "in" or len(tokens) < position + 5:
                raise ODSQLError("ODSQL query is malformed near a range")
            column, low, high, end = sql[-2], tokens[position + 1][1], tokens[position + 3][1], tokens[position + 4][1]
            comparison = "<" if end == "[" else "<="
            sql[-2:] = [f"({column} >= {_date(low, field)} and {column} {comparison} {_date(high, field)})"]
            position += 4
        elif kind == "text":
            sql.append("'" + value[1:-1].replace("'", "''") + "'")
        else:
            sql.append(value)
        position += 1
    return " ".join(sql) or "true"


def _date(token: str, field: Field | None) -> str:
    if field is None or field.type not in ("date", "datetime"):
        raise ODSQLError(f"Field {field.name if field else '?'} is not a date and cannot be compared with one")
    return f"{'TIMESTAMPTZ' if field.type == 'datetime' else 'DATE'} '{_literal(token, field.type)}'"


def _literal(token: str, kind: str) -> str:
    value = token[len("date'") : -1]
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?", value):
        raise ODSQLError(f"Invalid date literal: {value}")
    if kind == "date":
        return value[:10]
    has_offset = "T" not in value or value.endswith("Z") or value[-6] in "+-"
    return value if has_offset else f"{value}Z"


def select(expression: str, dataset: Dataset) -> str:
    """SQL select list: fields, or aggregates with an alias."""
    parts = []
    for part in expression.split(","):
        match = re.fullmatch(r"\s*(?:(\w+)\((\w+|\*)\)|(\w+))(?:\s+as\s+(\w+))?\s*", part, re.IGNORECASE)
        if not match:
            raise ODSQLError(f"ODSQL query is malformed near: {part!r}")
        function, argument, name, alias = match.groups()
        target = argument if function else name
        if target != "*" and dataset.field(target) is None:
            raise ODSQLError(f"Unknown field: {target}")
        if function and function.lower() not in _AGGREGATES:
            raise ODSQLError(f"Unknown function: {function}")
        column = "*" if target == "*" else f'"{target}"'
        parts.append(f"{function}({column})" if function else column)
        if alias or function:
            parts[-1] += f' as "{alias or part.strip()}"'
    return ", ".join(parts)


def order_by(expression: str, dataset: Dataset) -> str:
    """SQL order-by list."""
    parts = []
    for part in expression.split(","):
        words = part.split()
        if not words or dataset.field(words[0]) is None or (words[1:] and words[1].lower() not in ("asc", "desc")):
            raise ODSQLError(f"Unknown field: {part.strip()}")
        parts.append(f'"{words[0]}" {words[1] if words[1:] else "asc"}')
    return ", ".join(parts)
