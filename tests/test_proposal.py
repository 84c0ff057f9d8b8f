"""What `make dataset` proposes for datasets of unusual form, and what it refuses: always one line with what to do."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import yaml
from odre.ledger import LEDGER

from laptop.environment import REPOSITORY
from laptop.loopback import served
from laptop.scaffold.install import _remove_leftovers, refuse_known
from laptop.scaffold.proposal import propose
from laptop.scaffold.source import Api, Refused, Sample, SourceDataset, SourceField
from laptop.scaffold.writing import files_of, staging_names

TODAY = dt.date(2024, 3, 1)
DAYS = [(dt.date(2024, 1, 1) + dt.timedelta(number)).isoformat() for number in range(40)]


def proposed(fields: dict[str, str], rows: list[dict], order: str = "date", said: str = ""):
    """The proposal for a dataset with these fields, name → type, each labelled with a unit when it is a number."""
    labels = {name: f"{name} (MW)" if kind == "double" else name for name, kind in fields.items()}
    described = tuple(SourceField(name, labels[name], kind, said) for name, kind in fields.items())
    dataset = SourceDataset("odd", "Odd", said, "", "", described)
    return propose(dataset, Sample(order, len(rows), [], rows), TODAY)


@pytest.mark.parametrize("value", [{"lon": 2.3, "lat": 48.8}, ["a", "b"]])
@pytest.mark.parametrize("kind", ["geo_point_2d", "text", "json_blob"])
def test_fields_that_a_table_cannot_hold_are_left_out_and_named(kind, value):
    found = proposed({"date": "date", "odd": kind, "v": "double"}, [{"date": d, "odd": value, "v": 1.0} for d in DAYS])
    assert found.left_out == ("odd",) and [column.name for column in found.columns] == ["date", "v"]


def test_the_day_is_a_column_that_every_row_has():
    rows = [{"jour": None if d == DAYS[3] else d, "maj": d, "v": 1.0} for d in DAYS]
    assert proposed({"jour": "date", "maj": "date", "v": "double"}, rows, "maj").day == "maj"


@pytest.mark.parametrize(
    ("field", "name"), [("taux-co2", "taux_co2"), ("énergie", "energie"), ("2024", "_2024"), ("window", "window_value"),
                        ("load_id", "load_id_value")]
)  # fmt: skip
def test_a_name_that_a_column_cannot_have_becomes_one_that_it_can(field, name):
    found = proposed({"date": "date", field: "double"}, [{"date": d, field: 1.0} for d in DAYS])
    [column] = [column for column in found.columns if column.name != "date"]
    assert column.name == name and column.aliases == (field,) and found.observed == name


def test_words_of_yaml_and_jinja_in_the_catalogue_are_text_in_the_contract():
    said = "Either {{ var('x') }}, {% if %} or {# this #}: #1 'and' \"that\""
    found = proposed({"date": "date", "2024": "double", "yes": "double"}, [{"date": d, "2024": 1.0, "yes": 1.0} for d in DAYS],
                     said=said)  # fmt: skip
    for path, text in files_of(found).items():
        if path.suffix == ".yml":
            assert not re.search(r"\{[{%#](?! (?:doc\(|env_var\())", re.sub(r"#.*", "", text)), path
    [source] = [text for path, text in files_of(found).items() if path.name == "_sources.yml"]
    [table] = yaml.safe_load(source)["sources"][0]["tables"]
    assert [column["name"] for column in table["columns"]] == ["date", "_2024", "yes"]
    assert [column["config"]["meta"].get("aliases") for column in table["columns"]] == [None, ["2024"], None]


def test_the_fewest_columns_are_the_key_and_a_code_goes_before_a_name():
    rows = [{"date": d, "nom": nom, "code": code, "v": 1.0} for d in DAYS for code, nom in ((11, "A"), (53, "B"))]
    found = proposed({"date": "date", "nom": "text", "code": "int", "v": "double"}, rows)
    assert found.key == ["date", "code"] and found.unique
    assert not proposed({"date": "date", "v": "double"}, [{"date": DAYS[0], "v": v} for v in (1.0, 2.0)]).unique


@pytest.mark.parametrize("others", [("local_date",), ("local_date", "local_date_value"), ("v_mw",), ("V_MW",)])
def test_no_two_columns_of_the_staging_model_have_one_name(others):
    fields = {"date": "date", "v": "double"} | dict.fromkeys(others, "text")
    found = proposed(fields, [{"date": d, "v": 1.0} | dict.fromkeys(others, "a") for d in DAYS])
    assert len({name.lower() for name in staging_names(found).values()}) == len(fields)


def test_a_column_keeps_its_name_without_an_alias_even_when_it_is_called_like_the_cte():
    found = proposed(
        {"date": "date", "source": "text", "v": "double"}, [{"date": d, "source": "a", "v": 1.0} for d in DAYS]
    )
    [sql] = [text for path, text in files_of(found).items() if path.name == "stg_odd.sql"]
    assert "        source.source,\n" in sql


def test_every_description_that_comes_from_the_catalogue_is_marked_wherever_it_is_written():
    found = proposed({"date": "date", "v": "double"}, [{"date": d, "v": 1.0} for d in DAYS], said="Puissance appelée.")
    for path, text in files_of(found).items():
        assert all("DECIDE:" in line for line in text.splitlines() if "description:" in line and "appelée" in line), (
            path
        )
    assert "Odd" not in files_of(found)[Path("dags/odd.py")]  # the title, which is decided in the contract


def test_infinite_values_are_no_bounds():
    values = [1e308, math.inf, math.nan, -1e308]
    rows = [{"date": day, "v": values[number % 4]} for number, day in enumerate(DAYS)]
    [column] = [column for column in proposed({"date": "date", "v": "double"}, rows).columns if column.is_measure]
    assert column.range == (-sys.float_info.max, sys.float_info.max)


@pytest.mark.parametrize(
    ("fields", "row", "order", "says"),
    [
        ({"t": "datetime", "v": "double"}, {"t": "2024-01-01T00:00:00+00:00", "v": 1.0}, "t", "its rows have no day"),
        (
            {"end": "date", "v": "double"},
            {"end": "2024-01-01", "v": 1.0},
            "end",
            "which BigQuery does not accept as a column name",
        ),
        (
            {"date": "date", "v": "double", "V": "double"},
            {"date": "2024-01-01", "v": 1.0, "V": 1.0},
            "date",
            "its fields v, V would become the column v",
        ),
        ({"date": "date", "v": "double"}, {"date": "2024-01-01", "v": None}, "date", "no number .* has a value"),
        ({"date": "date", "v": "double"}, {"date": "2024-01-01", "v": "n/a"}, "date", "odd: v is a number .* 'n/a' →"),
        ({"date": "date", "nom": "text"}, {"date": "2024-01-01", "nom": "A"}, "date", "no field of it is a number"),
    ],
)
def test_what_cannot_be_loaded_is_refused_in_one_line(fields, row, order, says):
    with pytest.raises(Refused, match=says) as refused:
        proposed(fields, [row], order)
    assert "\n" not in str(refused.value) and " → " in str(refused.value)


def test_a_table_of_the_pipeline_is_no_dataset():
    with pytest.raises(Refused, match="of its own"):
        refuse_known(REPOSITORY, LEDGER.replace("_", "-"))


@contextmanager
def answering(body: bytes):
    """An API that gives every request this answer; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with served(Handler) as url:
        yield url


def test_blanks_in_the_catalogue_are_nothing():
    metas = {"default": {"title": "  ", "publisher": " ", "license": "\n"}}
    with answering(json.dumps({"metas": metas, "fields": []}).encode()) as url:
        described = Api(url).describe("odd")
    assert (described.title, described.publisher, described.license) == ("odd", "", "")


@pytest.mark.parametrize("answer", [[1, 2], {"fields": [{"type": "date"}]}, {"fields": 3}, "text"])
def test_an_answer_of_another_form_is_refused_in_one_line(answer):
    with answering(json.dumps(answer).encode()) as url, pytest.raises(Refused, match="describes no dataset →"):
        Api(url).describe("odd")


def test_rows_of_another_form_are_refused_in_one_line():
    with answering(b'["a", "b"]') as url, pytest.raises(Refused, match=r"odd: .* does not export its rows →"):
        Api(url)._rows("odd")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_ended_says_so_in_one_line(sent):
    asked, over = threading.Event(), threading.Event()

    class Silent(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.set()
            over.wait()

    with served(Silent) as url:
        environment = os.environ | {"ODRE_API": url, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'plugins'}"}
        command = subprocess.Popen(
            [sys.executable, "-m", "laptop.scaffold", "odd"], stderr=subprocess.PIPE, text=True, env=environment
        )
        assert asked.wait(60)
        command.send_signal(sent)
        _, said = command.communicate(timeout=60)
        over.set()
    assert (command.returncode, said.strip()) == (130, "interrupted: nothing of odd was written")


def test_the_copy_of_a_command_that_was_killed_is_removed_and_that_of_a_running_one_is_not(tmp_path):
    killed, runs = tmp_path / ".scaffold-killed", tmp_path / ".scaffold-runs"
    for copy in (killed, runs):
        (copy / "dags").mkdir(parents=True)
    os.utime(killed, (0, 0))
    _remove_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [runs.name]
