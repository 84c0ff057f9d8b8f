"""Every fault of the replica for every dataset: what a person reads, whether the API is asked again, and proof that what
was loaded before stays as it was. `python -m tests.faults.document` writes docs/faults.md from the cases.
"""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from airflow.sdk import RetryAction
from google.api_core.exceptions import GoogleAPIError
from odre.contract import load_contract, tables
from odre.errors import DataRejected, OdreError
from odre.extracted import Extracted
from odre.hooks.explore import RequestSettings
from odre.operators.extract import OdreToGCSOperator
from odre.operators.merge import load_of
from odre.plan import RunPlan
from odre.retrying import OdreRetryPolicy
from odre.sql.merge import replace_window

from laptop.environment import LAKE_BUCKET, REPOSITORY
from laptop.replica.faults import ANSWERS, TABLES
from laptop.stack import Stack
from laptop.warehouse import Warehouse
from tests.faults.services import SERVICES, SERVICES_HEAD
from tests.plans import context, plan

START, END = "2023-11-20", "2023-11-24"
ASKED, DOC = 2, REPOSITORY / "docs" / "faults.md"


@dataclass(frozen=True)
class Case:
    """What a fault must lead to.

    :param fault: kind of `laptop.replica.faults`, or a fault of the network.
    :param says: part of the error; `None` when the run succeeds.
    :param asked: requests for the export within one task.
    :param airflow: what Airflow does with the failed task: `RETRY` it later, or `FAIL` it immediately.
    :param merge: the refusal comes from the MERGE, not from the extract.
    :param changes: the run succeeds and the values that came differ from those before.
    :param aside: the days with the fault keep what stood, for a reason that `says` matches, and all others are loaded;
        where every day has the fault, the answer is refused.
    """

    fault: str
    says: str | None = None
    asked: int = 1
    airflow: str = "FAIL"
    merge: bool = False
    changes: bool = False
    aside: bool = False


LATER = {"asked": ASKED, "airflow": "RETRY"}
CASES = [
    Case("connection_refused", "no whole answer in 2 requests", 0, "RETRY"),
    Case("dns_failure", "no whole answer in 2 requests", 0, "RETRY"),
    Case("read_timeout", "no whole answer in 2 requests", **LATER),
    Case("http_500", "HTTP 500", **LATER),
    Case("http_502", "HTTP 502", **LATER),
    Case("http_503", "HTTP 503", **LATER),
    Case("quota_retry_after", "HTTP 429, too many requests", **LATER),
    Case("quota_reset_time", "HTTP 429, too many requests", **LATER),
    Case("rate_limit_retry_after", "HTTP 429, too many requests", **LATER),
    Case("http_400", "HTTP 400"),
    Case("cut_off_body", "the export is cut off or damaged", airflow="RETRY"),
    Case("wrong_length", "no whole answer in 2 requests", **LATER),
    Case("interrupted_stream", "the export broke off", **LATER),
    Case("html_page", "no data file but '<!doctype html>", airflow="RETRY"),
    Case("error_object", "no data file but '{", airflow="RETRY"),
    Case("garbage", "no data file but", airflow="RETRY"),
    Case("fewer_rows", "the API counts [0-9]+ rows .* and exports [0-9]+", asked=3, airflow="RETRY"),
    Case("empty", "the source has no row for", merge=True),
    Case("missing_key", "column"),
    Case("missing_measure", "column"),
    Case("renamed_column", "column"),
    Case("text_in_number", "expected a (finite )?number, got 'panne'", aside=True),
    Case("duplicates_conflicting", "two rows share this key and differ in", aside=True),
    Case("outside_window", "outside the window"),
    Case("day_first_dates", "expected a date written YYYY-MM-DD, got '20/11/2023'"),
    Case("absurd_value", "expected a value between", aside=True),
    Case("null_measure", "null on all|would lose all observed values", aside=True),
    Case("mojibake", "readable UTF-8 text", aside=True),
    Case("new_column"),
    Case("number_as_text"),
    Case("duplicates_equal"),
    Case("unsorted"),
    Case("slow_drip"),
    Case("nd", changes=True),
    Case("dash", changes=True),
    Case("blank", changes=True),
]


class Landing:
    """One dataset's path from the API to its landing table, without Airflow's scheduler."""

    def __init__(self, stack: Stack, warehouse: Warehouse, table: str) -> None:
        self.stack, self.warehouse, self.contract = stack, warehouse, load_contract(table)
        self.target, self.ledger = warehouse.create_landing(table), warehouse.create_ledger()
        self.names = tuple(filter(None, (self.contract.dataset_id, self.contract.history_dataset_id)))
        self.runs, self.read_timeout = 0, 30.0

    def extract(self) -> dict:
        self.runs += 1
        self.plan = plan(START, END, f"raw/{self.contract.table}/{self.runs}")
        return OdreToGCSOperator(
            task_id="extract", table=self.contract.table, bucket_name=LAKE_BUCKET, plan=self.plan,
            request_settings=RequestSettings(ASKED, longest_wait=5, first_wait=0.01, read_timeout=self.read_timeout),
        ).execute(context())  # fmt: skip

    def merge(self, left: dict) -> list[str]:
        """Load and merge what `extract` left; the reasons why days were held back."""
        from google.cloud import bigquery

        batch = f"{self.target}__batch_test"
        columns = [bigquery.SchemaField.from_api_repr(field) for field in self.contract.bigquery_schema]
        self.warehouse.client.delete_table(batch, not_found_ok=True)
        self.warehouse.client.create_table(bigquery.Table(batch, columns))
        options = bigquery.LoadJobConfig(
            source_format="PARQUET", write_disposition="WRITE_TRUNCATE", create_disposition="CREATE_NEVER",
            schema=columns,
        )  # fmt: skip
        self.warehouse.client.load_table_from_uri(left["uri"], batch, job_config=options).result()
        extracted = Extracted.from_xcom(left, self.contract.table)
        load = load_of(RunPlan.from_xcom(self.plan, self.contract.table), extracted, "run")
        _, [(_, held_back)] = self.warehouse.query(replace_window(self.contract, self.target, batch, self.ledger, load))
        return [day["reason"] for day in held_back]

    def extract_or_refusal(self) -> dict | None:
        """What `extract` leaves; `None` when it refuses the whole answer."""
        try:
            return self.extract()
        except DataRejected:
            return None

    def checksum(self) -> tuple:
        """Number and checksum of the rows, whichever load they are of."""
        columns = ", ".join(f"t.{column.name}" for column in self.contract.columns)
        sql = f"select count(*), bit_xor(farm_fingerprint(to_json_string(struct({columns})))) from {self.warehouse.whole(self.target)} as t"
        return self.warehouse.query(sql)[1][0]

    def objects(self) -> set[Path]:
        return set((self.stack.lake_folder / LAKE_BUCKET).rglob("*.parquet"))


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    options = ("--start", "2023-11-01", "--real-time-start", "2023-11-01")
    with (
        pytest.MonkeyPatch.context() as patch,
        Stack(state=tmp_path_factory.mktemp("faults"), usual_ports=False, replica_options=options) as stack,
    ):
        for name, value in stack.environment.items():
            patch.setenv(name, value)
        yield stack


@pytest.fixture(scope="module", params=tables())
def landing(request, stack):
    """A landing table that holds the window as the API has it."""
    landing = Landing(stack, Warehouse(stack.environment), request.param)
    landing.merge(landing.extract())
    assert landing.checksum()[0] > 0
    return landing


@pytest.fixture
def ask(stack):
    """The replica's control: method, path, body."""

    def ask(method: str, path: str, body: dict | None = None):
        request = urllib.request.Request(
            stack.endpoints.api + path, json.dumps(body).encode() if body else None,
            {"Content-Type": "application/json"}, method=method,
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.loads(answer.read())

    yield ask
    ask("DELETE", "/_faults")


@pytest.fixture
def provoke(ask, landing, monkeypatch):
    """Make `fault` happen to every request that follows."""

    def provoke(fault: str) -> None:
        hosts = {"connection_refused": "http://127.0.0.1:9", "dns_failure": "http://odre.invalid"}
        if fault in hosts:
            connection = json.dumps({"conn_type": "http", "host": hosts[fault]})
            monkeypatch.setenv("AIRFLOW_CONN_ODRE_API", connection)
        else:
            ask("PUT", "/_faults", {"kind": fault})
        if fault == "read_timeout":
            monkeypatch.setattr(landing, "read_timeout", 0.3)
        ask("DELETE", "/_requests")

    return provoke


def exports_asked(ask) -> int:
    return sum("/exports/" in request["path"] for request in ask("GET", "/_requests"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
def test_fault(case, landing, provoke, ask):
    before, objects = landing.checksum(), landing.objects()
    provoke(case.fault)
    if case.says is None:
        extracted = landing.extract()
        landing.merge(extracted)
        assert exports_asked(ask) == 1
        if case.changes:
            assert landing.checksum()[0] == before[0] and landing.checksum() != before
            ask("DELETE", "/_faults")
            landing.merge(landing.extract())
        assert landing.checksum() == before
        if case.fault == "new_column":
            assert "nouvelle_colonne" in extracted["unknown_columns"]
        return
    if case.aside and (outcome := landing.extract_or_refusal()):
        reasons = [*(entry["cause"] for entry in outcome["left_out"]), *landing.merge(outcome)]
        assert reasons and all(re.search(case.says, reason) for reason in reasons), reasons
        assert landing.checksum() == before
        beside = {path for path in landing.objects() - objects if path.name.endswith("-set-aside.parquet")}
        assert len(beside) == bool(outcome["left_out"]) == bool(outcome["set_aside_uri"])
        return
    with pytest.raises((OdreError, GoogleAPIError), match=case.says) as refusal:
        extracted = landing.extract()
        assert case.merge, f"{case.fault} was not noticed by the extract"
        landing.merge(extracted)
    line = str(refusal.value)
    if isinstance(refusal.value, OdreError):
        assert "\n" not in line and " → " in line and line.startswith(landing.names), line
        assert landing.objects() == objects
    else:
        assert landing.contract.dataset_id in line and " → " in line
    decision = OdreRetryPolicy().evaluate(refusal.value, 1, 3)
    assert (decision.action == RetryAction.FAIL) == (case.airflow == "FAIL"), decision
    if not case.merge and not case.aside:
        assert exports_asked(ask) == case.asked
    assert landing.checksum() == before


@pytest.mark.parametrize(
    "kind", ["quota_retry_after", "quota_reset_time", "http_503", "interrupted_stream", "fewer_rows"]
)
def test_a_passing_fault_is_waited_for(kind, landing, ask):
    before = landing.checksum()
    ask("PUT", "/_faults", {"kind": kind, "times": 1})
    ask("DELETE", "/_requests")
    landing.merge(landing.extract())
    assert exports_asked(ask) == 2 and landing.checksum() == before


def test_the_matrix_has_every_fault_of_the_replica():
    assert {case.fault for case in CASES} == {*TABLES, *ANSWERS, "connection_refused", "dns_failure"}


def services() -> str:
    """The part of docs/faults.md on processes, disk, lake and warehouse."""
    lines = [f"| {case.what} | {', '.join(case.tasks)} | {case.shown} | {case.then} |" for case in SERVICES]
    return SERVICES_HEAD + "\n".join(lines) + "\n"


def documentation() -> str:
    """docs/faults.md."""
    head = """# Faults of the source and of the services, and what they lead to

This page is generated from `tests/faults/test_matrix.py` (`python -m tests.faults.document`), which runs every line for
every dataset. When a run is refused, the landing table has the same checksum before and after, so marts and dashboard
stay as they were too. A day that is *set aside* keeps what stood, the other days of the answer are loaded, and the run
fails in its last task, `set_aside`, which names the day and the reason; when no day is left, the answer is refused.

| fault | outcome | requests in the task | then |
|---|---|---|---|
"""
    lines = []
    for case in CASES:
        said = (
            f"{'set aside' if case.aside else 'refused'}: `{case.says}`"
            if case.says
            else "loads" + (", missing values stay missing" if case.changes else ", same tables")
        )
        then = (
            {"FAIL": "the task fails immediately, because a retry cannot help", "RETRY": "Airflow tries again"}[
                case.airflow
            ]
            if case.says
            else ""
        )
        lines.append(
            f"| {case.fault.replace('_', ' ')} | {said.replace('|', ' or ')} | {case.asked or ASKED} | {then} |"
        )
    return head + "\n".join(lines) + "\n" + services()


def test_the_documentation_is_of_these_cases():
    assert DOC.read_text(encoding="utf-8") == documentation(), "run: python -m tests.faults.document"
