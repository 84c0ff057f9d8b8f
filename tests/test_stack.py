"""The embedded stack can be started repeatedly, is private, and says clearly when something is wrong."""

import json
import socket
import sys
import urllib.request

import pytest

from laptop.environment import LAKE_BUCKET, api_url
from laptop.service import Service, StackError, free_port
from laptop.stack import Stack
from laptop.warehouse import Warehouse
from tests.stacks import emptied
from tests.tables import MARTS, checksums


def test_up_twice_down_twice(tmp_path):
    lines = []
    stack = Stack(state=tmp_path, usual_ports=False, api="http://127.0.0.1:9", say=lines.append)
    first = stack.up()
    assert stack.up() == first and any("already runs" in line for line in lines)
    assert Stack.recorded_environment(tmp_path) == first
    assert (tmp_path / "env").stat().st_mode & 0o077 == 0 and tmp_path.stat().st_mode & 0o066 == 0
    assert sorted(stack.down()) == ["lake", "warehouse"] and stack.down() == []
    assert Stack.recorded_environment(tmp_path) is None
    for port in (int(first[name].rsplit(":", 1)[1]) for name in ("STORAGE_EMULATOR_HOST", "BIGQUERY_EMULATOR_HOST")):
        assert free_port(port) == port


def test_no_other_user_may_enter_the_folders(tmp_path):
    """They hold passwords, logs and data. Through the outermost PostgreSQL must pass, which is another user for root."""
    (tmp_path / "postgres").mkdir(mode=0o700)
    (tmp_path / "airflow").mkdir(mode=0o755)
    (stack := Stack(state=tmp_path, usual_ports=False))._make_folders()
    assert stack._warehouse().environment["BQEMU_UPLOAD_STAGING_DIR"] == str(tmp_path / "uploads")
    assert tmp_path.stat().st_mode & 0o066 == 0
    assert {"airflow", "services", "lake"} < {folder.name for folder in tmp_path.iterdir()}
    assert [f for f in tmp_path.iterdir() if f.name != "warehouse-home" and f.stat().st_mode & 0o077] == []


def test_a_reset_that_leaves_something_says_so(tmp_path, monkeypatch):
    """As when root has run it before, whose PostgreSQL has a user of its own."""
    monkeypatch.setattr("laptop.stack.shutil.rmtree", lambda folder, ignore_errors: None)
    with pytest.raises(StackError, match="could not be deleted completely → delete the rest as the user who owns"):
        Stack(state=tmp_path).reset()


def test_a_replica_that_serves_another_moment_is_started_again(tmp_path, monkeypatch):
    stack, stopped = Stack(state=tmp_path, usual_ports=False), []
    monkeypatch.setenv("ODRE_SAMPLE_NOW", "2024-01-02T09:30")
    api = stack._api()
    record = {"port": api.port, "command": api.command, "environment": api.fingerprint()}
    monkeypatch.setattr(Service, "recorded", lambda self: record)
    monkeypatch.setattr(Service, "stop", lambda self: stopped.append(self.name))
    stack._api()
    assert stopped == []
    monkeypatch.setenv("ODRE_SAMPLE_NOW", "2024-04-02T09:30")
    stack._api()
    assert stopped == ["api"]


def test_the_shared_stack_is_empty_for_everyone_who_uses_it(shared_stack):
    """Tables, objects and faults that a test has left would make a later one green, or red, without a reason."""
    api = shared_stack.endpoints.api
    with emptied(shared_stack) as stack:
        warehouse = Warehouse(stack.environment)
        warehouse.create_landing("eco2mix_national_tr")
        warehouse.query(f"create view {MARTS}.left as select 1 as a")
        object_ = stack.lake_folder / LAKE_BUCKET / "raw" / "left.parquet"
        object_.parent.mkdir(parents=True)
        object_.touch()
        body, head = json.dumps({"kind": "http_500"}).encode(), {"Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(f"{api}/_faults", body, head, method="PUT")).close()
    with emptied(shared_stack) as stack:
        assert checksums(warehouse) == {} and list(warehouse.client.list_tables(MARTS)) == []
        assert stack.lake_folder.joinpath(LAKE_BUCKET).is_dir() and not list(stack.lake_folder.rglob("*.parquet"))
        export = f"{api}/api/explore/v2.1/catalog/datasets/stock-quotidien-stockages-gaz/exports/csv?limit=1"
        urllib.request.urlopen(export).close()


def test_a_taken_port_is_left_to_its_owner():
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        taken = owner.getsockname()[1]
        assert free_port(taken) != taken


def test_a_service_that_ends_while_starting_shows_its_log(tmp_path):
    command = [sys.executable, "-c", "raise SystemExit('the disk is full')"]
    with pytest.raises(StackError, match=r"(?s)broken ended with code 1.*the disk is full"):
        Service("broken", command, free_port(), "/", tmp_path).start()


def test_what_a_service_of_ours_says_of_a_file_is_all_that_is_said(tmp_path):
    (data := tmp_path / "data").mkdir()
    (data / "stock-quotidien-stockages-gaz.csv").write_text("date;stock_fin_de_journee;source;pits\n01/02/2022;1;a;b\n")
    with pytest.raises(StackError) as refusal:
        Stack(tmp_path / "state", data=data, usual_ports=False)._api().start()
    assert str(refusal.value).startswith(
        "stock-quotidien-stockages-gaz.csv: column date, row 1: '01/02/2022' is no day"
    )
    assert "\n" not in str(refusal.value)


def test_who_answers_on_the_port_must_be_the_service_itself(tmp_path):
    other = Service("other", [sys.executable, "-m", "http.server", str(port := free_port())], port, "/", tmp_path)
    other.start()
    try:
        command = [sys.executable, "-c", "import sys; sys.stdin.read(); raise SystemExit('address already in use')"]
        with pytest.raises(StackError, match=r"(?s)late ended with code 1.*address already in use"):
            Service("late", command, port, "/", tmp_path).start()
    finally:
        other.stop()


def test_a_service_that_never_answers_is_given_up(tmp_path):
    service = Service(
        "mute", [sys.executable, "-c", "import time; time.sleep(60)"], free_port(), "/", tmp_path, patience=1
    )
    with pytest.raises(StackError, match="mute did not answer"):
        service.start()
    assert not service.running()


def test_a_stale_record_of_another_process_is_ignored(tmp_path):
    (tmp_path / "old.json").write_text('{"pid": 1, "started_at": "long ago", "port": 1, "command": []}')
    assert not Service("old", (), 1, "/", tmp_path).running() and not Service("old", (), 1, "/", tmp_path).stop()


@pytest.mark.parametrize(
    "given", ["https://odre.example.org", "https://odre.example.org/", "https://odre.example.org/api/explore/v2.1"]
)
def test_the_api_can_be_any_url(given):
    assert api_url(given) == "https://odre.example.org"


def test_a_wrong_api_or_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="give `live` or a URL"):
        api_url("odre")
    with pytest.raises(StackError, match="ODRE_API and ODRE_DATA are both given → choose one"):
        Stack(state=tmp_path, api="live", data=tmp_path).up()
    with pytest.raises(StackError, match=r"nowhere cannot be listed .* → give a folder"):
        Stack(state=tmp_path, data=tmp_path / "nowhere").up()


def test_every_file_of_a_folder_is_named_before_anything_starts(tmp_path):
    lines = []
    (tmp_path / "notes.txt").touch()
    with pytest.raises(StackError, match=r"holds no export → name files after their dataset(.|\n)*notes\.txt: ignored"):
        Stack(state=tmp_path, data=tmp_path, say=lines.append).survey()
    (tmp_path / "stock-quotidien-stockages-gaz.xlsx").touch()
    Stack(state=tmp_path, data=tmp_path, say=lines.append).survey()
    assert [line.split(None, 1)[1] for line in lines[:2]] == [
        "notes.txt: ignored, its ending is none of .csv, .json, .jsonl, .parquet, .xls, .xlsx",
        "stock-quotidien-stockages-gaz.xlsx: used for stock-quotidien-stockages-gaz",
    ]
    assert "no export of eco2mix-national-cons-def, eco2mix-national-tr" in lines[2]
