"""The hook of the API against a server that misbehaves: which requests are sent again, how long it waits, which errors
it raises."""

import datetime as dt
import json
import os
import threading
import time
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from odre.errors import QuotaExhausted, RequestRefused, SourceUnavailable
from odre.hooks.explore import ExploreHook, RequestSettings

MIX = "eco2mix-national-tr"
GOOD = (200, {}, json.dumps({"total_count": 7, "results": []}).encode())


class Source:
    """Answers each request with the next of the prepared (status, headers, body); the last one repeats."""

    def __init__(self, answers: list[tuple[int, dict, bytes]]) -> None:
        self.answers, self.requests, self.headers = answers, 0, []
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, headers, body = source.answers[min(source.requests, len(source.answers) - 1)]
                source.requests += 1
                source.headers.append(dict(self.headers))
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def source_of(monkeypatch):
    sources = []

    def start(*answers) -> tuple[Source, ExploreHook]:
        source = Source(list(answers))
        sources.append(source)
        port = source.server.server_address[1]
        monkeypatch.setenv(
            "AIRFLOW_CONN_ODRE_API", json.dumps({"conn_type": "http", "host": f"http://127.0.0.1:{port}"})
        )
        return source, ExploreHook(
            settings=RequestSettings(attempts=3, longest_wait=3, first_wait=0.01, connect_timeout=2, read_timeout=1)
        )

    yield start
    for source in sources:
        source.server.shutdown()


def in_seconds(seconds: float) -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc) + dt.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "bad",
    [
        (500, {}, b"oops"),
        (502, {}, b"bad gateway"),
        (503, {}, b"maintenance"),
        (200, {}, b"<html>maintenance</html>"),
        (200, {}, b'{"error_code": "Internal", "message": "x"}'),
        (200, {"Content-Length": "500"}, b'{"total_count": 7'),
        (429, {"Retry-After": "0"}, b"slow down"),
        (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08 and then nothing that gzip knows"),
    ],
)
def test_passing_faults_are_asked_again(source_of, bad):
    source, hook = source_of(bad, bad, GOOD)
    assert hook.count(MIX, "true") == 7 and source.requests == 3


def test_lasting_faults_end_with_dataset_cause_and_next_step(source_of):
    source, hook = source_of((503, {}, b"maintenance"))
    with pytest.raises(SourceUnavailable, match=r"^eco2mix-national-tr: HTTP 503 \(maintenance\) → try again later$"):
        hook.count(MIX, "true")
    assert source.requests == 3


def test_a_refused_request_is_not_asked_again(source_of):
    source, hook = source_of((400, {}, b'{"message": "Unknown field: x", "error_code": "ODSQLError"}'))
    with pytest.raises(RequestRefused, match="Unknown field: x"):
        hook.count(MIX, "x = 1")
    assert source.requests == 1


@pytest.mark.parametrize(
    "limit",
    [
        lambda: (429, {"Retry-After": "1"}, b"{}"),
        lambda: (429, {"Retry-After": format_datetime(in_seconds(2), usegmt=True)}, b"{}"),
        lambda: (429, {}, json.dumps({"errorcode": 10002, "reset_time": in_seconds(1.5).isoformat()}).encode()),
    ],
)
def test_a_short_limit_is_waited_for(source_of, limit):
    source, hook = source_of(limit(), GOOD)
    began = time.monotonic()
    assert hook.count(MIX, "true") == 7 and source.requests == 2
    assert time.monotonic() - began > 0.5


def test_a_long_limit_is_left_to_airflow(source_of):
    from odre.retrying import OdreRetryPolicy

    reset = in_seconds(5_000)
    body = json.dumps({"errorcode": 10002, "reset_time": reset.isoformat(), "error": "Too many requests"}).encode()
    source, hook = source_of((429, {}, body))
    with pytest.raises(QuotaExhausted, match=f"{reset:%Y-%m-%d %H:%M}") as refusal:
        hook.count(MIX, "true")
    assert source.requests == 1
    delay = OdreRetryPolicy().evaluate(refusal.value, 1, 3).retry_delay
    assert 4_900 < delay.total_seconds() <= 5_000


def test_an_interrupted_export_is_asked_again(source_of, tmp_path):
    broken = (200, {}, b"PAR1 some rows\nStreaming interrupted due to the following error: timeout (error_code: X)")
    source, hook = source_of(broken, (200, {}, b"PAR1 whole"))
    hook.export(MIX, "true", ["date_heure"], tmp_path / "e")
    assert source.requests == 2 and (tmp_path / "e").read_bytes() == b"PAR1 whole"


def test_bounds_are_text_or_nothing(source_of):
    found = {"results": [{"first": "2020-01-01", "last": "2020-01-31"}]}
    answers = [(200, {}, json.dumps(body).encode()) for body in (found, {"results": [{"last": None}]}, {"results": []})]
    _, hook = source_of(*answers)
    assert hook.bounds(MIX, "date", "true") == ("2020-01-01", "2020-01-31")
    assert hook.bounds(MIX, "date", "true") == hook.bounds(MIX, "date", "true") == (None, None)


def test_metadata_of_a_dataset_that_says_nothing_of_itself(source_of):
    answers = [
        (200, {}, json.dumps(body).encode()) for body in ({"metas": {"default": {"title": "t"}}}, {"metas": {}}, {})
    ]
    _, hook = source_of(*answers)
    assert [hook.metadata(MIX) for _ in answers] == [{"title": "t"}, {}, {}]
    assert hook.requests_sent == 3


def test_a_server_that_does_not_answer(source_of, monkeypatch):
    source, hook = source_of(GOOD)
    source.server.shutdown()
    source.server.server_close()
    with pytest.raises(SourceUnavailable, match="no whole answer in 3 requests"):
        hook.count(MIX, "true")


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ((200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08 and then nothing that gzip knows"), "decode"),
        ((302, {"Location": "/api/explore/v2.1/again"}, b""), "redirects"),
    ],
    ids=["a body that is no gzip", "a loop of redirects"],
)
def test_what_never_ends_in_an_answer_is_one_line(source_of, tmp_path, bad, says):
    for ask in (lambda hook: hook.count(MIX, "true"), lambda hook: hook.export(MIX, "true", ["date"], tmp_path / "x")):
        with pytest.raises(SourceUnavailable, match=says) as error:
            ask(source_of(bad)[1])
        assert str(error.value).startswith(f"{MIX}: no whole answer in 3 requests") and "\n" not in str(error.value)


def test_a_password_in_the_address_of_the_api_is_sent_and_not_kept(source_of, monkeypatch, tmp_path):
    source, hook = source_of((200, {}, b"PAR1"))
    connection = json.loads(os.environ["AIRFLOW_CONN_ODRE_API"])
    connection["host"] = connection["host"].replace("//", "//user:hunter2@")
    monkeypatch.setenv("AIRFLOW_CONN_ODRE_API", json.dumps(connection))
    url = hook.export(MIX, "true", ["date"], tmp_path / "export")
    assert source.headers[0]["Authorization"].startswith("Basic ")
    assert url.startswith(connection["host"].replace("user:hunter2@", "")) and "hunter2" not in url


def test_an_api_key_is_sent_and_told_to_nobody(source_of, monkeypatch, caplog, tmp_path):
    source, hook = source_of((500, {}, b"down"), GOOD, (400, {}, b"no"))
    connection = json.loads(os.environ["AIRFLOW_CONN_ODRE_API"]) | {"extra": {"Authorization": "Apikey hunter2"}}
    monkeypatch.setenv("AIRFLOW_CONN_ODRE_API", json.dumps(connection))
    with caplog.at_level("DEBUG"):
        assert hook.count(MIX, "true") == 7
        with pytest.raises(RequestRefused) as refusal:
            hook.export(MIX, "true", ["date"], tmp_path / "export")
    assert [headers["Authorization"] for headers in source.headers] == ["Apikey hunter2"] * 3
    assert caplog.text and "hunter2" not in caplog.text + str(refusal.value)
