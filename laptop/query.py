"""Asks the local warehouse: `make query SQL="select …"`; `FORMAT=csv` or `FORMAT=json` for machines.

python -m laptop.query ["select …"]      (or SQL=… in the environment)

It uses BigQuery's REST API directly, because importing the client would take longer than the query.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from laptop.environment import DATASETS, PROJECT_ID
from laptop.processes import interruptible
from laptop.stack import Stack

FORMATS = ("table", "csv", "json")
_MICROSECOND = dt.timedelta(microseconds=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


class QueryRefused(RuntimeError):
    """The warehouse has refused the statement; the message is the warehouse's."""


def ask(environment: Mapping[str, str], sql: str, timeout: float = 120) -> tuple[list[str], list[list[Any]]]:
    """Column names and rows of a statement.

    :param environment: the stack's environment.
    :param timeout: seconds to wait for all rows.
    :raises QueryRefused: the statement failed.
    :raises OSError: the warehouse does not answer.
    """
    base = f"{environment['BIGQUERY_EMULATOR_HOST']}/bigquery/v2/projects/{PROJECT_ID}/queries"
    answer = _call(base, {"query": sql, "useLegacySql": False, "timeoutMs": int(timeout * 1000)}, timeout)
    fields = answer.get("schema", {}).get("fields", [])
    rows = list(answer.get("rows", ()))
    while token := answer.get("pageToken"):
        answer = _call(f"{base}/{answer['jobReference']['jobId']}?pageToken={token}", None, timeout)
        rows += answer.get("rows", ())
    return [field["name"] for field in fields], [_record(fields, row) for row in rows]


def _call(url: str, body: dict[str, Any] | None, timeout: float) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            found: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        raise QueryRefused(_in_one_line(_message(error.read()))) from None
    if errors := found.get("errors"):  # the warehouse accepted the statement, and it failed later
        raise QueryRefused(_in_one_line(str(errors[0]["message"])))
    return found


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")


def _in_one_line(message: str) -> str:
    """The warehouse's refusal in one line, without the emulator's translation of the statement and without the position
    in it."""
    told = message.removeprefix("Query execution failed: ").partition("\nLINE ")[0]
    return " ".join(re.sub(r"\s*(Location|Job ID): \S+", "", told).split())


def _record(fields: list[dict[str, Any]], row: Mapping[str, Any]) -> list[Any]:
    return [_value(field, cell["v"]) for field, cell in zip(fields, row["f"], strict=True)]


def _value(field: Mapping[str, Any], value: Any) -> Any:
    """A cell as a Python value. Dates, times and instants are text."""
    if value is None:
        return None
    if field.get("mode") == "REPEATED":
        return [_value({**field, "mode": "NULLABLE"}, item["v"]) for item in value]
    if field["type"] in ("RECORD", "STRUCT"):
        return dict(zip((f["name"] for f in field["fields"]), _record(field["fields"], value), strict=True))
    return _READ.get(field["type"], str)(value)


def _instant(value: str) -> str:
    """An instant given as microseconds since 1970, or as seconds with a point or an exponent."""
    microseconds = float(value) * 1e6 if "." in value or "E" in value.upper() else int(value)
    return (_EPOCH + round(microseconds) * _MICROSECOND).isoformat(sep=" ")


_READ: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("INTEGER", "INT64"), int),
    **dict.fromkeys(("FLOAT", "FLOAT64"), float),
    **dict.fromkeys(("BOOLEAN", "BOOL"), lambda value: value.lower() == "true"),
    "TIMESTAMP": _instant,
}


def show(names: list[str], rows: list[list[Any]], form: str) -> None:
    """Print rows in one of `FORMATS`."""
    if form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(names)
        writer.writerows(rows)
    elif form == "json":
        print(json.dumps([dict(zip(names, row, strict=True)) for row in rows], ensure_ascii=False, indent=1))
    else:
        from tabulate import tabulate

        print(tabulate(rows, headers=names, tablefmt="simple", floatfmt=",.3f", missingval="null"))


def main() -> int:
    sql = " ".join(sys.argv[1:]) or os.environ.get("SQL", "")
    form = os.environ.get("FORMAT") or "table"
    problem, fix, code = "", "", 1
    if not sql.strip():
        problem, code = "nothing to ask", 2
        fix = 'make query SQL="select count(*) from de_project_development.daily_merged"'
    elif form not in FORMATS:
        problem, fix, code = f"FORMAT is {form!r}", f"give {', '.join(FORMATS[:-1])} or {FORMATS[-1]}", 2
    elif (environment := Stack.recorded_environment()) is None:
        problem, fix = "the local stack does not run", "make demo, or make stack-up"
    else:
        try:
            found = ask(environment, sql)
        except QueryRefused as refusal:
            problem, fix = str(refusal), f"correct the statement; the datasets are {', '.join(DATASETS.values())}"
        except OSError as error:
            problem, fix = f"the warehouse does not answer ({error})", "make stack-down stack-up"
        else:
            tell(found, form)
    if problem:
        print(f"error: {problem}\n→ {fix}", file=sys.stderr)
    return code if problem else 0


def tell(found: tuple[list[str], list[list[Any]]], form: str) -> None:
    """Print an answer. A reader such as `head` may close the pipe before all of it is printed."""
    try:
        show(*found, form)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at exit


if __name__ == "__main__":
    sys.exit(interruptible(main))
