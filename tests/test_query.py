"""`make query` shows what the warehouse answers as a table, CSV or JSON, and a refusal in two lines."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys

import pytest

from laptop.environment import DATASETS, REPOSITORY
from laptop.query import QueryRefused, ask, show

EVERY_TYPE = """\
select 7 as whole, 1.5 as real, true as yes, 'a, b' as text, date '2024-01-02' as day, cast(null as string) as nothing,
  timestamp '2024-01-02 03:04:05.250000+00:00' as instant, [1, 2] as several, struct('x' as name, 2 as size) as one"""
ROW = {
    "whole": 7, "real": 1.5, "yes": True, "text": "a, b", "day": "2024-01-02", "nothing": None,
    "instant": "2024-01-02 03:04:05.250000+00:00", "several": [1, 2], "one": {"name": "x", "size": 2},
}  # fmt: skip


def test_every_type_is_shown_in_every_format(warehouse, capsys):
    names, rows = ask(warehouse.environment, EVERY_TYPE)
    assert dict(zip(names, rows[0], strict=True)) == ROW
    show(names, rows, "json")
    assert json.loads(capsys.readouterr().out) == [ROW]
    show(names, rows, "csv")
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["text"], row["whole"], row["nothing"]) == ("a, b", "7", "")
    show(names, rows, "table")
    header, _, line = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["whole", "real", "yes"] and "null" in line


def test_all_rows_of_a_long_answer_come(warehouse):
    _, rows = ask(warehouse.environment, "select n from unnest(generate_array(1, 120000)) as n")
    assert sum(n for [n] in rows) == 120_000 * 120_001 // 2


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select nothing from unnest([1]) as n", "nothing"),
        ("select from where", ""),
        (f"select 1 from {DATASETS['DEVELOPMENT']}.absent", "absent"),
    ],
)
def test_a_refused_statement_is_told_in_one_line(warehouse, sql, message):
    with pytest.raises(QueryRefused) as refusal:
        ask(warehouse.environment, sql)
    told = str(refusal.value)
    assert message in told and told and "\n" not in told and "Location" not in told and "LINE 1" not in told


@pytest.mark.parametrize(
    ("asked", "error", "code"),
    [
        ({"SQL": ""}, "error: nothing to ask", 2),
        ({"SQL": "select 1", "FORMAT": "xml"}, "error: FORMAT is 'xml'\n→ give table, csv or json", 2),
    ],
)
def test_what_cannot_be_asked_is_refused_in_two_lines(asked, error, code):
    environment = os.environ | {"PYTHONPATH": f"{REPOSITORY / 'plugins'}:{REPOSITORY}"} | asked
    done = subprocess.run(
        [sys.executable, "-m", "laptop.query"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code and done.stderr.startswith(error) and done.stderr.count("\n") == 2


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_who_reads_the_beginning_only_is_told_nothing_wrong(form):
    """As `make query … | head` does."""
    code = f"from laptop.query import tell; tell((['n'], [[n] for n in range(50_000)]), {form!r})"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asked:
        asked.stdout.read(1)
        asked.stdout.close()
        assert (asked.wait(60), asked.stderr.read()) == (0, b"")
