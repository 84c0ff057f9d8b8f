"""Every fault of the replica for every dataset: what a person reads, whether the API is asked again, and proof that what
was loaded before stays as it was. The cases are in `tests.faults.cases`.
"""

from __future__ import annotations

import json
import re
import urllib.request
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

from laptop.environment import LAKE_BUCKET
from laptop.replica.faults import ANSWERS, TABLES
from laptop.stack import Stack
from laptop.warehouse import Warehouse
from tests.faults.cases import ASKED, CASES
from tests.faults.document import DOC, documentation
from tests.plans import context, plan
from tests.stacks import emptied

START, END = "2023-11-20", "2023-11-24"


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
def stack(shared_stack):
    with emptied(shared_stack) as stack:
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


def test_the_documentation_is_of_these_cases():
    assert DOC.read_text(encoding="utf-8") == documentation(), "run: python -m tests.faults.document"
