"""The very commands of docker-compose.yaml and docker-compose.override.yml, run without containers, and
terraform/operate.py on the Airflow they start. Not proven by this: that the images build, and what their base images bring.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from laptop.environment import LAKE_BUCKET, REPOSITORY
from tests.deploy.containers import Containers, link_what_the_stacks_image_links, start_postgres


@pytest.fixture(scope="module")
def containers(scratch):
    """Everything `docker compose up` starts, in the order of `depends_on`."""
    root = scratch / "containers"
    root.mkdir()
    containers = Containers(root)
    try:
        start_postgres(containers)
        link_what_the_stacks_image_links(root)
        containers.start("lake", "/_internal/healthcheck")
        containers.start("warehouse", "/healthz")
        containers.start("api", "/healthz")
        containers.run("containers")
        containers.run("migrate")
        containers.start("api-server", "/api/v2/version")
        for name in ("scheduler", "dag-processor", "triggerer"):
            containers.start_unheard(name)
        yield containers
    finally:
        for service in reversed(containers.started):
            service.stop(hard=service.name != "postgres")
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="module")
def token(containers) -> str:
    """A session of the user whose password Airflow made at its first start."""
    passwords = json.loads((containers.root / "airflow" / "state" / "passwords.json").read_text())
    assert len(passwords["admin"]) >= 12
    return containers.call("POST", "/auth/token", {"username": "admin", "password": passwords["admin"]})["access_token"]


@pytest.fixture(autouse=True)
def no_run_goes_on(containers, token):
    """Stop what a test has started. Whole histories would be loaded beside all other tests, and nobody would look."""
    yield
    for dag in (path.stem for path in (REPOSITORY / "dags").glob("*.py")):
        for run in containers.call("GET", f"/api/v2/dags/{dag}/dagRuns", token=token)["dag_runs"]:
            if run["state"] in ("queued", "running"):
                path = f"/api/v2/dags/{dag}/dagRuns/{urllib.parse.quote(run['dag_run_id'])}"
                containers.call("PATCH", path, {"state": "failed"}, token)


def test_every_service_is_healthy_and_the_dags_are_there(containers, token):
    parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
    containers.until(
        "health", lambda: all(containers.call("GET", "/api/v2/monitor/health")[p]["status"] == "healthy" for p in parts)
    )
    dags = {path.stem for path in (REPOSITORY / "dags").glob("*.py")}
    found = containers.until(
        "dags", lambda: {d["dag_id"] for d in containers.call("GET", "/api/v2/dags", token=token)["dags"]} >= dags
    )
    assert found
    assert containers.call("GET", "/api/v2/importErrors", token=token)["import_errors"] == []
    assert "warehouse" in {pool["name"] for pool in containers.call("GET", "/api/v2/pools", token=token)["pools"]}


def test_nobody_gets_in_without_a_session(containers):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        containers.call("GET", "/api/v2/dags")
    assert refusal.value.code == 401


def test_data_get_from_the_api_to_the_warehouse(containers, token):
    """Scheduler, executor and API server agree on address and secret, and tasks reach all three emulators."""
    dag = "/api/v2/dags/temperature_quotidienne_regionale"
    containers.call("PATCH", dag, {"is_paused": False}, token)  # its last interval is run at once
    [run] = containers.until("run", lambda: containers.call("GET", f"{dag}/dagRuns", token=token)["dag_runs"])
    merge = f"{dag}/dagRuns/{urllib.parse.quote(run['dag_run_id'])}/taskInstances/ingest.merge"

    def over() -> str | None:
        state = containers.call("GET", merge, token=token)["state"]
        return state if state in ("success", "failed", "upstream_failed", "up_for_retry") else None

    assert containers.until("merge", over) == "success"


def test_bucket_and_datasets_were_made(containers):
    for url in (
        f"{containers.ports['lake']}/storage/v1/b/{LAKE_BUCKET}",
        f"{containers.ports['warehouse']}/bigquery/v2/projects/eco2mix-laptop/datasets/de_project_staging",
    ):
        with urllib.request.urlopen(f"http://127.0.0.1:{url}", timeout=10) as answer:
            assert answer.status == 200


@pytest.fixture
def operate(containers, token):
    """Run terraform/operate.py as a user does; it prints, and its exit code is the given one, or any when none is given."""

    def run(*arguments: str, code: int | None = 0) -> str:
        done = subprocess.run(
            [sys.executable, REPOSITORY / "terraform" / "operate.py", "--pause", "1", *arguments],
            env=os.environ
            | {"AIRFLOW_URL": f"http://127.0.0.1:{containers.ports['api-server']}/", "AIRFLOW_TOKEN": token},
            capture_output=True,
            text=True,
        )
        assert code in (done.returncode, None), done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_operate_makes_and_mends_a_pool_that_tasks_need(containers, token, operate):
    """A pool of which no run of this module has had need, so that the plugin has not made it: that of a subject which
    only éCO2mix leads to. A pool that no task names is nobody's problem."""
    pool = "warehouse_electricity"
    containers.call("POST", "/api/v2/pools", {"name": "warehouse_spare", "slots": 0, "include_deferred": False}, token)
    assert f"pool {pool} is not there, so tasks" in operate("check", code=1)
    assert operate("pool", pool) == f"pool {pool} made with 1 slot(s)\n"
    assert operate("pool", pool) == f"pool {pool} has 1 slot(s) already\n"
    containers.call("PATCH", f"/api/v2/pools/{pool}", {"pool": pool, "slots": 0, "include_deferred": False}, token)
    assert f"pool {pool} has no slot" in operate("check", code=1)
    assert operate("pool", pool) == f"pool {pool} has 1 slot(s) again\n"
    assert containers.call("GET", f"/api/v2/pools/{pool}", token=token)["slots"] == 1
    found = operate("check", code=1)
    assert f"pool {pool} " not in found and "warehouse_spare" not in found


def test_operate_starts_a_history_that_failed_again(containers, token, operate):
    """Somebody has marked the first task of the history as failed. Its run comes before the scheduled one."""
    dag = "stock_quotidien_stockages_gaz"
    now = datetime.now(UTC)
    run = f"history__{now:%Y-%m-%d}"
    body = {"dag_run_id": run, "logical_date": None, "conf": {"full_refresh": True}}
    body["run_after"] = (now - timedelta(days=30)).isoformat()
    containers.call("POST", f"/api/v2/dags/{dag}/dagRuns", body, token)
    path = f"/api/v2/dags/{dag}/dagRuns/{run}"
    containers.call("PATCH", f"{path}/taskInstances/window", {"new_state": "failed"}, token)
    assert "already" in operate("history", "--unpause", dag)
    containers.until("failed", lambda: containers.call("GET", path, token=token)["state"] == "failed")

    assert operate("history", dag) == f"{dag}: run {run}__2 started: {run} had failed\n"
    assert containers.call("GET", f"{path}__2", token=token)["conf"] == {"full_refresh": True}


def test_operate_says_what_keeps_the_dags_from_running(containers, token, operate):
    for path in (REPOSITORY / "dags").glob("*.py"):
        containers.call("PATCH", f"/api/v2/dags/{path.stem}", {"is_paused": False}, token)
    # The plugin makes pools when runs begin, and not all of these have begun.
    if missing := re.findall(r"^pool (\S+) is not there", operate("check", code=None), re.MULTILINE):
        operate("pool", *missing)
    assert operate("check") == "3 DAGs can run\n"
    containers.call("PATCH", "/api/v2/dags/eco2mix_national_tr", {"is_paused": True}, token)
    assert operate("check", code=1).startswith("DAG eco2mix_national_tr is paused")


def test_operate_starts_one_run(containers, token, operate):
    run = operate("trigger", "eco2mix_national_tr", '{"dry_run": true}').strip()
    path = f"/api/v2/dags/eco2mix_national_tr/dagRuns/{urllib.parse.quote(run)}"
    assert containers.call("GET", path, token=token)["conf"] == {"dry_run": True}
    assert "404" in operate("trigger", "nothing_of_ours", code=1)


def test_operate_loads_the_history_once(containers, token, operate):
    dag = "eco2mix_national_tr"
    containers.call("PATCH", f"/api/v2/dags/{dag}", {"is_paused": True}, token)
    assert "is paused, its run would wait for ever" in operate("history", dag, code=1)
    assert operate("history", "--unpause", dag).endswith(" started\n")
    assert "already" in operate("history", dag)
    # A run that has not ended in time is an exit code, for scripts.
    assert "has not ended within 1 s" in operate("history", "--wait", "1", dag, code=1)
    [run] = [
        run
        for run in containers.call("GET", f"/api/v2/dags/{dag}/dagRuns", token=token)["dag_runs"]
        if run["dag_run_id"].startswith("history__")
    ]
    assert run["conf"] == {"full_refresh": True}
