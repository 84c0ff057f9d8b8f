"""The three homes of Airflow: a laptop (`make up`), containers and Composer."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from laptop.airflow import _READY, AirflowServer
from laptop.environment import REPOSITORY, Endpoints, pipeline_environment
from laptop.metadata import MetadataDatabase
from laptop.service import Service
from laptop.stack import Stack
from tests.deploy.test_docker import AIRFLOW_SERVICES, CLOUD, COMPOSE, merged_compose

IDLE = "scheduler-scheduler_idle_sleep_time"
# Options that need not be the same in the three homes of Airflow.
DIFFERENT = {
    # where things are
    *("api-base_url", "api-host", "api-port", "core-dags_folder", "core-execution_api_server_url"),
    *("core-plugins_folder", "cosmos-cache_dir", "cosmos-dbt_docs_projects", "database-sql_alchemy_conn"),
    # who signs in; Composer has Google's sign-in and its own secrets
    *("api-secret_key", "api_auth-jwt_secret", "core-auth_manager"),
    *("core-simple_auth_manager_passwords_file", "core-simple_auth_manager_users"),
    # how large the machine is, and how tasks get to it
    *("api-workers", "celery-worker_concurrency", "core-executor", "core-max_active_tasks_per_dag", "core-parallelism"),
    # on Composer files change with a deployment only, and there are no examples to leave out
    *("core-load_examples", "dag_processor-min_file_process_interval"),
    # every DAG says the second and third itself; whether new DAGs are paused is the choice of who deploys
    *("core-dags_are_paused_at_creation", "core-max_active_runs_per_dag", "scheduler-catchup_by_default"),
}


def airflow_options(environment: dict[str, str]) -> dict[str, str]:
    """Airflow's options among variables, as Composer writes their names."""
    own = {name: value for name, value in environment.items() if name.startswith("AIRFLOW__")}
    return {n.removeprefix("AIRFLOW__").replace("__", "-", 1).lower(): value for n, value in own.items()}


def test_the_three_homes_of_airflow_set_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Every option but those that say where things are, who signs in and how large the machine is, on a laptop, in
    containers and on Composer."""
    monkeypatch.setattr(MetadataDatabase, "url", lambda self: "its address")
    endpoints = Endpoints("http://api", "http://lake", "http://warehouse")
    stack = SimpleNamespace(state=tmp_path, environment=pipeline_environment(tmp_path, endpoints))
    (tmp_path / "airflow").mkdir()
    composer = (REPOSITORY / "terraform" / "composer.tf").read_text()
    given = re.findall(r'^ +([a-z_]+-[a-z_]+) += (?:"(.*)"|.+)$', composer, re.MULTILINE)
    homes = {"Composer": dict(given), "make up": airflow_options(AirflowServer(cast(Stack, stack)).environment)}
    for files in (COMPOSE, CLOUD):
        services = merged_compose(*files)["services"]
        homes |= {f"{files[1]} {name}": airflow_options(services[name]["environment"]) for name in AIRFLOW_SERVICES}
    union = set().union(*homes.values())
    assert union >= DIFFERENT, "no home sets these any more"
    assert len(union - DIFFERENT) > 4
    for option in union - DIFFERENT:
        # On Composer the scheduler rests a second, as Airflow has it: others pay for each look into a shared database.
        asked = {home: of[option] for home, of in homes.items() if option in of}
        assert set(homes) - set(asked) <= ({"Composer"} if option == IDLE else set()), option
        assert len(set(asked.values())) == 1, (option, asked)


@pytest.mark.parametrize(("api", "started"), [("http://api", 0), ("http://another", 1)])
def test_an_airflow_that_runs_is_started_again_for_another_api(tmp_path: Path, monkeypatch, api: str, started: int):
    """As `make up ODRE_API=live` after `make up`: it would go on asking the API it was started with."""
    monkeypatch.setattr(MetadataDatabase, "url", lambda self: "its address")
    (tmp_path / "airflow").mkdir()

    def server(api: str) -> AirflowServer:
        environment = pipeline_environment(tmp_path, Endpoints(api, "http://lake", "http://warehouse"))
        server = AirflowServer(cast(Stack, SimpleNamespace(state=tmp_path, environment=environment)))
        server.port, server._prepared = 8080, True
        return server

    before = server("http://api")
    runs = {"environment": before._service(before.environment).fingerprint(), "port": 8080}
    launched: list[str] = []
    monkeypatch.setenv("PATH", "/of/another/terminal")
    for name, stands_for in {
        "recorded": lambda self: runs,
        "healthy": lambda self: True,
        "stop": lambda self, **_: True,
        "launch": lambda self: launched.append(self.name),
    }.items():
        monkeypatch.setattr(Service, name, stands_for)
    monkeypatch.setattr(AirflowServer, "_health", lambda self: {part: {"status": "healthy"} for part in _READY})
    server(api).up()
    assert launched == ["airflow"] * started
    assert (tmp_path / "airflow" / "simple_auth_manager_passwords.json").stat().st_mode & 0o077 == 0
