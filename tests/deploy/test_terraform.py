"""The Terraform module: its own checks, and that what it sets is what the pipeline and Airflow read."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from laptop.environment import REPOSITORY, Endpoints, pipeline_environment
from tests.deploy.known import OPTIONS, airflow_settings, terraform_options

CHECK = REPOSITORY / "terraform" / "check.sh"
MOUNT = "/home/airflow/gcs"


def check(step: str, **environment: str) -> str:
    """Run one step of check.sh; skip the test where the step cannot be done."""
    done = subprocess.run(
        ["/bin/bash", CHECK, step], env=os.environ | environment, capture_output=True, text=True, timeout=900
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    if skipped := re.search(r"SKIPPED: (.*)", output):
        pytest.skip(skipped[1])
    return output


@pytest.mark.parametrize("step", ["fmt", "validate", "test", "checkov"])
def test_module(step):
    output = check(step)
    if step == "test":
        assert re.search(r"Success! \d+ passed, 0 failed", output)


def test_strict_allows_no_skipped_step(tmp_path):
    """Without it, CI would be green where nothing was checked."""
    programs = ["dirname", "mktemp", "cp", "rm", "mkdir", "cat", "grep"]
    for name in programs:
        (tmp_path / name).symlink_to(shutil.which(name))
    environment = {"PATH": str(tmp_path)}  # no terraform
    for arguments, code in ((["validate"], 0), (["--strict", "validate"], 1)):
        done = subprocess.run(["/bin/bash", CHECK, *arguments], env=environment, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        assert "SKIPPED: terraform validate: terraform is not installed" in done.stdout


def test_terraform_knows_the_settings_of_the_pinned_airflow():
    assert OPTIONS.read_text() == terraform_options(), "run `python -m tests.deploy.known`"


@pytest.fixture(scope="module")
def planned(tmp_path_factory) -> dict:
    """Resources and outputs of a plan with nothing but a project id."""
    file = tmp_path_factory.mktemp("terraform") / "plan.json"
    check("plan", PLAN_JSON=str(file))
    return json.loads(file.read_text())["planned_values"]


@pytest.fixture(scope="module")
def resources(planned) -> list[dict]:
    return planned["root_module"]["resources"]


@pytest.fixture(scope="module")
def software(resources) -> dict:
    """What Composer is told about Airflow."""
    (environment,) = (r["values"] for r in resources if r["type"] == "google_composer_environment")
    return environment["config"][0]["software_config"][0]


@pytest.fixture(scope="module")
def bucket(resources, tmp_path_factory) -> Path:
    """The environment's bucket as Composer mounts it, filled with what the plan uploads."""
    root = tmp_path_factory.mktemp("gcs")
    for uploaded in (r["values"] for r in resources if r["type"] == "google_storage_bucket_object"):
        target = root / uploaded["name"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / "terraform" / uploaded["source"], target)
    return root


def test_composer_gets_every_variable_of_the_laptop(software):
    laptop = pipeline_environment(Path("/state"), Endpoints("https://api", "http://lake", "http://warehouse"))
    seam = {name for name in laptop if name.startswith(("ECO2MIX_", "DBT_", "AIRFLOW_CONN_", "DO_NOT_TRACK"))}
    assert seam <= set(software["env_variables"])


def test_settings_and_profile_read_what_composer_sets(software, monkeypatch):
    from odre.settings import Settings

    given = software["env_variables"]
    for name in [n for n in os.environ if n.startswith(("ECO2MIX_", "DBT_"))]:
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_environment()
    assert settings.project_id == "example-project-123"
    assert settings.lake_bucket == "example-project-123-eco2mix-lake"
    assert settings.marts_dataset == given["ECO2MIX_PRODUCTION_DATASET"]
    assert settings.warehouse_pool == "warehouse"

    profile = (REPOSITORY / "include" / "dbt" / "profiles.yml").read_text()
    read = set(re.findall(r"env_var\('(\w+)'", profile)) - {"BIGQUERY_EMULATOR_HOST"}
    assert read <= set(given)
    assert given["DBT_TARGET"] in yaml.safe_load(profile)["eco2mix"]["outputs"]


def test_every_variable_the_pipeline_reads_has_a_place_in_terraform():
    """In composer.tf; a name that is missing there could be set by env_variables only, which refuses ECO2MIX_…"""
    read = set(re.findall(r"\bECO2MIX_\w+", (REPOSITORY / "plugins" / "odre" / "settings.py").read_text()))
    given = set(re.findall(r"\bECO2MIX_\w+", (REPOSITORY / "terraform" / "composer.tf").read_text()))
    assert len(read) > 8
    assert read - given == set(), "give these a place in `env_variables` of terraform/composer.tf"


def test_airflow_and_cosmos_know_every_setting(software):
    options = airflow_settings()
    # Composer's executor; the provider that describes the option is in the image only.
    options.add("celery-worker_concurrency")
    assert set(software["airflow_config_overrides"]) - options == set()


def test_composer_installs_the_locked_versions(software):
    lock = (REPOSITORY / "requirements.lock").read_text()
    names = re.findall(r"^[\w-]+", (REPOSITORY / "requirements.txt").read_text(), re.MULTILINE)
    assert set(software["pypi_packages"]) == set(names)
    for name, pin in software["pypi_packages"].items():
        assert re.search(rf"^{name}{re.escape(pin)} ", lock, re.MULTILINE), name


def test_airflow_finds_connections_and_dbt_docs(software, monkeypatch):
    from airflow.secrets.environment_variables import EnvironmentVariablesBackend
    from cosmos.plugin.airflow3 import _load_projects_from_conf

    for name, value in software["env_variables"].items():
        monkeypatch.setenv(name, value)
    for key, value in software["airflow_config_overrides"].items():
        monkeypatch.setenv("AIRFLOW__" + key.replace("-", "__", 1).upper(), value)

    backend = EnvironmentVariablesBackend()
    assert backend.get_connection("odre_api").host == "https://odre.opendatasoft.com"
    assert backend.get_connection("odre_api").conn_type == "http"
    assert backend.get_connection("google_cloud_default").extra_dejson == {"project": "example-project-123"}
    assert _load_projects_from_conf()["eco2mix"]["dir"] == "gs://example-project-123-eco2mix-lake/dbt_docs"


def test_secret_manager_is_asked_for_connections_only(software, monkeypatch):
    from airflow.providers.google.cloud.secrets.secret_manager import CloudSecretManagerBackend

    monkeypatch.setenv("NO_GCE_CHECK", "true")
    settings = software["airflow_config_overrides"]
    assert settings["secrets-backend"].endswith(f".{CloudSecretManagerBackend.__name__}")
    backend = CloudSecretManagerBackend(**json.loads(settings["secrets-backend_kwargs"]))
    asked = []
    monkeypatch.setattr(backend, "_get_secret", lambda *name: asked.append(name))
    backend.get_variable("anything")
    backend.get_config("anything")
    assert asked == []
    backend.get_conn_value("odre_api")
    assert [f"{prefix}-{key}" for prefix, key, *_ in asked] == ["airflow-connections-odre_api"]


def test_what_is_uploaded_runs(software, resources, bucket, tmp_path):
    """The DAG files parse from the bucket alone, with the variables Composer sets and nothing else of ours, and every
    pool that a task names is one that `apply` makes: Composer gives its scheduler no plugin that could make it later."""
    report = tmp_path / "dags.json"
    program = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder=sys.argv[1])
tasks = {dag_id: sorted(dag.task_ids) for dag_id, dag in bag.dags.items()}
pools = sorted({task.pool for dag in bag.dags.values() for task in dag.tasks} - {"default_pool"})
json.dump({"errors": bag.import_errors, "tasks": tasks, "pools": pools}, open(sys.argv[2], "w"))
"""
    given = {name: value.replace(MOUNT, str(bucket)) for name, value in software["env_variables"].items()}
    config = software["airflow_config_overrides"].items()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "NO_GCE_CHECK": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__DAGS_FOLDER": str(bucket / "dags"),
        # Airflow puts this folder on the path of Python.
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(bucket / "plugins"),
        **{"AIRFLOW__" + key.replace("-", "__", 1).upper(): value for key, value in config},
        **given,
    }
    done = subprocess.run(
        [sys.executable, "-c", program, bucket / "dags", report],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    parsed = json.loads(report.read_text())
    assert parsed["errors"] == {}
    assert set(parsed["tasks"]) == {path.stem for path in (REPOSITORY / "dags").glob("*.py")}
    assert any(task == "dbt.legacy" for task in parsed["tasks"]["eco2mix_national_tr"])
    [made] = [r["values"]["input"] for r in resources if r["address"] == "terraform_data.warehouse_pools[0]"]
    assert sorted(made) == parsed["pools"]


def test_uploads_mirror_the_repository(resources):
    """Every versioned file of the deployed folders is uploaded, and no other."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "dags", "plugins", "include/dbt"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    expected = {re.sub(r"^include/", "dags/include/", path) for path in listed if (REPOSITORY / path).is_file()}
    assert {r["values"]["name"] for r in resources if r["type"] == "google_storage_bucket_object"} == expected


def test_the_docs_ask_for_the_roles_that_the_account_of_the_workflow_has():
    """Both apply the same module, so what one needs and lacks, the other needs too."""
    cicd = (REPOSITORY / "terraform" / "cicd.tf").read_text()
    [given] = re.findall(r"apply = \{.*?roles = \[(.*?)\]", cicd, re.DOTALL)
    [needed] = re.findall(r"the roles (.*?); for a budget", (REPOSITORY / "docs/deploy.md").read_text(), re.DOTALL)
    assert set(re.findall(r'"roles/([\w.]+)"', given)) == set(re.findall(r"`([\w.]+)`", needed))


def test_costs_in_the_docs_are_the_estimate(planned):
    estimate = planned["outputs"]["monthly_cost_estimate_usd"]["value"]
    documented = re.findall(
        r"^\| (small|medium|large) \| \$([\d,]+) \| \$(\d+) \|",
        (REPOSITORY / "docs/deploy.md").read_text(),
        re.MULTILINE,
    )
    found = {size: (int(composer.replace(",", "")), int(rest)) for size, composer, rest in documented}
    assert found == {
        size: (parts["composer"], estimate["total"][size] - parts["composer"])
        for size, parts in estimate["parts"].items()
    }
    (about,) = re.findall(r"about \$(\d+) a month", (REPOSITORY / "README.md").read_text())
    assert abs(int(about) - estimate["total"]["small"]) < 10


def test_marts_of_the_links_exist():
    outputs = (REPOSITORY / "terraform" / "outputs.tf").read_text()
    (block,) = re.findall(r"dashboard_tables = \[(.*?)\]", outputs, re.DOTALL)
    linked = set(re.findall(r'"(\w+)"', block))
    models = {path.stem for path in (REPOSITORY / "include" / "dbt" / "models" / "marts").rglob("*.sql")}
    assert linked and linked <= models


def test_hourly_run_stays_within_the_cost_estimate():
    """BigQuery bills at least 10 MB for every table a query reads, which is most of what these runs cost."""
    manifest = json.loads((REPOSITORY / "include" / "dbt" / "manifest.json").read_text())
    nodes = manifest["nodes"]

    def tables_read(node: dict) -> set[str]:
        read = set()
        for parent in node["depends_on"]["nodes"]:
            is_view = parent in nodes and nodes[parent]["config"]["materialized"] == "view"
            read |= tables_read(nodes[parent]) if is_view else {parent}
        return read

    downstream, waiting = set(), ["source.eco2mix.odre.eco2mix_national_tr"]
    while waiting:
        found = set(manifest["child_map"].get(waiting.pop(), ())) - downstream
        downstream |= found
        waiting += found
    queries = [
        nodes[name] for name in downstream if name in nodes and nodes[name]["resource_type"] in ("model", "test")
    ]
    assert len(queries) > 20
    megabytes = 10 * sum(max(1, len(tables_read(query))) for query in queries)
    merge = 10 * 8  # the merge script reads landing and batch table several times
    costs = (REPOSITORY / "terraform" / "costs.tf").read_text()
    assumed = float(re.search(r"gib_billed_per_hourly_run\s*=\s*([\d.]+)", costs)[1])
    assert megabytes + merge <= assumed * 1024
