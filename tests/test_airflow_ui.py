"""Airflow itself, as `make up` starts it: scheduler, PostgreSQL, LocalExecutor and the UI in a real browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from odre.contract import tables

from laptop.airflow import USER, AirflowServer
from laptop.environment import PROJECT_ID, REPOSITORY
from laptop.stack import Stack
from laptop.warehouse import Warehouse
from tests.browser import open_page
from tests.listeners import webhook
from tests.scheduler import Run, eventually, finished, only_what_is_asked_for, processes_of, scheduler_goes_round
from tests.tables import MARTS, checksums

FIRST, LAST = "2023-11-01", "2023-11-30"
DAGS = "eco2mix_national_tr", "stock_quotidien_stockages_gaz", "temperature_quotidienne_regionale"


@pytest.fixture(scope="module")
def server(scratch):
    """Airflow on a stack whose replica serves four months of the synthetic sample."""
    options = ("--start", "2023-11-01", "--real-time-start", "2023-11-01")
    with (
        webhook() as (connection, told),
        pytest.MonkeyPatch.context() as patch,
        Stack(state=scratch / "up", usual_ports=False, replica_options=options) as stack,
    ):
        patch.setenv("AIRFLOW_CONN_ALERTS", connection)
        patch.setenv("ECO2MIX_ALERT_WEBHOOK_CONN_ID", "alerts")
        patch.setenv("ECO2MIX_APPROVAL_ABOVE_DAYS", "60")
        only_what_is_asked_for(patch)
        server = AirflowServer(stack, port=0)
        server.told = told
        server.up()
        yield server
        stopped = server.down()
        assert "airflow" in stopped and server.down() == []
        deadline = time.monotonic() + 10
        while left := processes_of(stack.state):
            assert time.monotonic() < deadline, left
            time.sleep(0.1)


@pytest.fixture(scope="module")
def browser(server):
    """A page of the UI, logged in; pictures of it go to the folder SCREENSHOTS, when that is set."""
    with open_page(viewport={"width": 1280, "height": 800}) as page:
        page.goto(server.url)
        page.fill("input[name=username]", USER)
        page.fill("input[name=password]", server.password)
        page.click("button[type=submit]")
        page.wait_for_selector("text=Dags")
        yield page


def picture(page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.mark.parametrize(
    "address", ["/eco2mix/dashboard", "/cosmos/eco2mix/manifest.json", "/cosmos/eco2mix/dbt_docs_index.html"]
)
def test_who_is_not_logged_in_gets_nothing(server, address):
    for headers in ({}, {"Authorization": "Bearer forged"}, {"Cookie": "_token=forged"}):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{server.port}{address}", headers=headers))
        assert refusal.value.code in (401, 403)
        assert "Éco2mix" not in refusal.value.read().decode()


def test_a_page_that_is_not_there_yet_says_what_to_do(server):
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/eco2mix/dashboard", headers={"Authorization": f"Bearer {server.token()}"}
    )
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(request)
    assert answer.value.code == 404 and "Trigger a DAG" in answer.value.read().decode()


def test_every_dag_triggered_from_the_form_succeeds(server, browser):
    for table in tables():
        browser.goto(f"{server.url}/dags/{table}")
        browser.get_by_role("button", name="Trigger").first.click()
        days = browser.locator("input[type=date]")
        days.nth(0).fill(FIRST)
        days.nth(1).fill(LAST)
        picture(browser, "trigger-form")
        browser.get_by_role("dialog").get_by_role("button", name="Trigger").click()
        browser.wait_for_url("**/runs/**", timeout=120_000)
    browser.goto("about:blank")  # the page of a run asks for news all the time
    for table in tables():
        [run] = finished(server, table, "manual")
        assert (run["state"], run["conf"].get("start_date")) == ("success", FIRST), run
    _, [[days]] = Warehouse(server.stack.environment).query(f"select count(*) from {MARTS}.daily_merged")
    assert days == 30


def test_the_only_link_of_a_task_leads_to_the_dashboard(server):
    """The Google operators' own lead to a cloud console, where the emulators' project does not exist."""
    for table in tables():
        [run] = finished(server, table, "manual")
        tasks = f"/dags/{table}/dagRuns/{run['dag_run_id']}/taskInstances"
        links = {}
        for task in server.call("GET", tasks)["task_instances"]:
            links |= server.call("GET", f"{tasks}/{task['task_id']}/links")["extra_links"]
        assert {"BigQuery Table", "Éco2mix"} <= set(links)
        assert {name for name, address in links.items() if address} == {"Éco2mix"}


def test_every_dbt_task_shows_the_sql_of_its_own_models(server):
    [run] = finished(server, "eco2mix_national_tr", "manual")
    found = server.call("GET", f"/dags/eco2mix_national_tr/dagRuns/{run['dag_run_id']}/taskInstances")
    models = [set(re.findall(r"^-- \S+/(\w+)\.sql$", task["rendered_fields"]["compiled_sql"], re.MULTILINE))
              for task in found["task_instances"] if task["task_id"].startswith("dbt.")]  # fmt: skip
    assert len(models) > 5 and all(models)
    # An ephemeral model is compiled in every task whose models read it.
    assert [sum(name in shown for shown in models) for name in ("int_mix_steps", "daily_merged")] == [1, 1]


def test_dbt_parses_once_for_a_dag(server):
    """In the logs of the three runs: the first task of dbt reads the whole project, all others what it has kept."""
    for table in tables():
        logs = sorted((server.home / "logs" / f"dag_id={table}").rglob("*.log"))
        # the documentation is written once a day, from a copy of the project
        of_dbt = [log for log in logs if "publish_dbt_docs" not in str(log)]
        parsed = [
            log.parent.name for log in of_dbt if "Unable to do partial parsing" in log.read_text(errors="replace")
        ]
        ran = [log for log in of_dbt if "dbt." in log.parent.name]
        assert len(parsed) == 1 and len(ran) > 5, (table, parsed)


def test_the_graph_shows_the_stages(server, browser):
    browser.goto(f"{server.url}/dags/eco2mix_national_tr")
    browser.get_by_label("Show Graph").first.click()
    for stage in ("window", "ingest", "neighbour_models", "dbt", "publish_dashboard"):
        browser.locator(".react-flow__node").get_by_text(stage, exact=True).first.wait_for(timeout=30_000)
    picture(browser, "dag-graph")


def test_the_dashboard_is_a_page_of_the_ui(server, browser):
    browser.goto(f"{server.url}/plugin/eco2mix")
    frame = browser.frame_locator("iframe")
    frame.locator("body[data-drawn]").wait_for()
    assert frame.locator("#tile-days").inner_text() == "30 of 30"
    assert "eco2mix-national-tr" in frame.locator(".synthetic").inner_text()
    assert frame.locator("#framed").is_visible() and not frame.locator("#download").is_visible()
    picture(browser, "dashboard-in-airflow")
    # in a tab of its own the page may do what Airflow's frame forbids
    browser.goto(f"{server.url}/eco2mix/dashboard")
    with browser.expect_download() as download:
        browser.click("#download")
    assert download.value.path().read_text().count("\n") == 31


def test_dbt_docs_are_a_page_of_the_ui(server, browser):
    browser.goto(f"{server.url}/cosmos/eco2mix/dbt_docs_index.html")
    browser.get_by_text("eco2mix").filter(visible=True).first.wait_for()


def test_a_load_tells_its_story_on_the_asset(server):
    events = server.call("GET", "/assets/events?limit=50")["asset_events"]
    stories = [event["extra"] for event in events if "merge_job" in (event["extra"] or {})]
    assert {story["uri"].split("/")[4] for story in stories} == set(tables())
    for story in stories:
        assert {"rows", "expected", "received", "first", "last", "schema_hash", "retries", "window"} <= set(story)


def test_the_runbooks_queries_lead_from_a_value_to_its_requests(server):
    """As they stand in docs/runbook.md, of a day that was loaded."""
    queries = re.findall(r"```sql\n(.+?)```", (REPOSITORY / "docs" / "runbook.md").read_text(), re.DOTALL)
    warehouse, answers = Warehouse(server.stack.environment), list[list[dict]]()
    # a merge that was cleared has two rows
    warehouse.query("insert into de_project_staging.load_ledger select * from de_project_staging.load_ledger")
    for query in queries:
        names, rows = warehouse.query(query.replace("2024-01-01", "2023-11-15"))
        answers.append([dict(zip(names, row, strict=True)) for row in rows])
    [[brought], [stands]] = [rows for rows in answers if rows and "uri" in rows[0]]
    _, [[landed]] = warehouse.query(
        "select count(*) from de_project_staging.eco2mix_national_tr where date = date '2023-11-15'"
    )
    assert brought["uri"] == stands["uri"] and brought["row_count"] == landed > 0
    lake, name = brought["uri"].removeprefix("gs://").split("/", 1)
    client = storage.Client(
        PROJECT_ID, AnonymousCredentials(), client_options={"api_endpoint": server.stack.endpoints.lake}
    )
    blob = client.bucket(lake).get_blob(name)
    assert blob.generation == brought["generation"]
    assert "eco2mix-national-tr" in blob.metadata["source_url"] and "where=" in blob.metadata["source_url"]


def test_an_impossible_range_is_refused_in_the_form_and_makes_no_run(server, browser):
    dag = "/dags/stock_quotidien_stockages_gaz/dagRuns"
    before = server.call("GET", dag)["total_entries"]
    with pytest.raises(urllib.error.HTTPError) as refusal:
        server.call("POST", dag, {"conf": {"start_date": "2023-12-02", "end_date": "2023-12-01"}, "logical_date": None})
    assert refusal.value.code == 400 and json.load(refusal.value)["detail"].endswith("swap them")
    browser.goto(f"{server.url}/dags/stock_quotidien_stockages_gaz")
    browser.get_by_role("button", name="Trigger").first.click()
    browser.locator("input[type=date]").nth(0).fill("2999-12-31")
    browser.get_by_role("dialog").get_by_role("button", name="Trigger").click()
    browser.get_by_text("the first day (start_date) 2999-12-31 is in the future").wait_for()
    browser.goto("about:blank")
    assert server.call("GET", dag)["total_entries"] == before


def test_a_full_refresh_asks_a_person_first(server):
    before, gas = checksums(Warehouse(server.stack.environment)), "/dags/stock_quotidien_stockages_gaz"
    server.call("PATCH", gas, {"is_paused": False})

    def asked() -> str:
        run = server.call("POST", f"{gas}/dagRuns", {"conf": {"full_refresh": True}, "logical_date": None})[
            "dag_run_id"
        ]
        path = f"{gas}/dagRuns/{run}"
        eventually(lambda: server.call("GET", f"{path}/taskInstances/approve")["state"] == "awaiting_input")
        eventually(lambda: any(run in text and "waits for approval" in text for text in server.told))
        return path

    path = asked()
    question = server.call("GET", f"{path}/taskInstances/approve/-1/hitlDetails")
    assert "the whole history" in question["subject"] and "2010-11-01" in question["body"]
    scheduler_goes_round(server)
    no = {"chosen_options": ["Reject"], "params_input": {}}
    server.call("PATCH", f"{path}/taskInstances/approve/-1/hitlDetails", no)
    eventually(lambda: server.call("GET", path)["state"] in ("success", "failed"))
    tasks = {t["task_id"]: t["state"] for t in server.call("GET", f"{path}/taskInstances")["task_instances"]}
    assert tasks["source_freshness"] == "skipped" and server.call("GET", path)["state"] == "success"
    assert {name for name, state in tasks.items() if state == "success"} == {"window", "approve", "answered"}, tasks
    path = asked()
    server.call("PATCH", path, {"state": "failed"})
    eventually(lambda: server.call("GET", path)["state"] == "failed")
    assert checksums(Warehouse(server.stack.environment)) == before


def test_backfills_at_once_from_form_rest_and_cli_end_like_one_load(server, browser):
    """Three backfills at the same time, two re-running days that are loaded: the tables stay what they were."""
    warehouse = Warehouse(server.stack.environment)
    before = checksums(warehouse)
    power, gas, temperature = DAGS
    browser.goto(f"{server.url}/dags/{gas}")
    browser.get_by_role("button", name="Trigger").first.click()
    form = browser.get_by_role("dialog")
    form.get_by_text("Backfill", exact=True).click()
    for field, value in zip(
        form.locator("input[type=datetime-local]").all(), ("2023-11-10T00:00", "2023-11-11T00:00"), strict=True
    ):
        field.fill(value)
    form.get_by_text("All Runs").click()
    form.get_by_text("1 run will be triggered.").wait_for()
    picture(browser, "backfill-form")
    form.get_by_role("button", name="Run Backfill").click()
    form.wait_for(state="hidden")
    browser.goto("about:blank")
    server.call(
        "POST",
        "/backfills",
        {"dag_id": power, "from_date": "2023-11-20T10:00:00Z", "to_date": "2023-11-20T11:00:00Z", "max_active_runs": 2,
         "reprocess_behavior": "completed", "run_backwards": True, "dag_run_conf": {}},
    )  # fmt: skip
    command = [sys.executable, "-m", "airflow", "backfill", "create", "--dag-id", temperature]
    command += ["--from-date", "2023-11-01", "--to-date", "2023-11-30"]
    environment = os.environ | server.environment
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
    runs = [finished(server, table, "backfill") for table in DAGS]
    assert [[run["state"] for run in found] for found in runs] == [["success"]] * len(DAGS)
    after = checksums(warehouse)
    for table in (power, gas):
        assert after[f"de_project_staging.{table}"] == before[f"de_project_staging.{table}"]
    assert not [name for name in after if "__batch_" in name]
    _, [[days]] = warehouse.query(f"select count(*) from {MARTS}.daily_merged where TMoydegC is not null")
    assert days == 30


def test_an_impossible_range_from_the_command_line_fails_before_anything_runs(server):
    command = [sys.executable, "-m", "airflow", "dags", "trigger", "stock_quotidien_stockages_gaz", "--run-id", "wrong"]
    conf = {"start_date": "2023-12-02", "end_date": "2023-12-01"}
    environment = os.environ | server.environment
    subprocess.run(
        [*command, "--conf", json.dumps(conf)], env=environment, check=True, capture_output=True, timeout=120
    )
    run = Run(server, "stock_quotidien_stockages_gaz", "wrong")
    assert run.ended() == "failed"
    assert run.state("window") == "failed" and "success" not in {state for _, state in run.tries().values()}
    eventually(lambda: any("window of wrong failed: " in t and "swap them" in t for t in server.told))
