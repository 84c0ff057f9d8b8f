"""The environment variables that point the pipeline at the laptop's stack: the only difference between a
laptop and Composer, where `terraform/` sets the same names."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT_ID = "eco2mix-laptop"
LAKE_BUCKET = "eco2mix-lake"
LOCATION = "EU"
POOL = "warehouse"
DATASETS = {
    "STAGING": "de_project_staging",
    "DEVELOPMENT": "de_project_development",
    "PRODUCTION": "de_project_production",
}
LIVE_API = "https://odre.opendatasoft.com"
_API_PATH = "/api/explore/v2.1"


@dataclass(frozen=True)
class Endpoints:
    """Base URLs of the three services the pipeline talks to."""

    api: str
    lake: str
    warehouse: str


def api_url(given: str) -> str:
    """Base URL of an API given as `live`, or as a URL with or without the path of Explore v2.1."""
    if given == "live":
        return LIVE_API
    if urlsplit(given).scheme not in ("http", "https"):
        raise ValueError(f"ODRE_API is {given!r} → give `live` or a URL that begins with http:// or https://")
    return given.rstrip("/").removesuffix(_API_PATH)


def pipeline_environment(state: Path, endpoints: Endpoints) -> dict[str, str]:
    """Everything the DAGs, dbt and Airflow read from the environment.

    :param state: folder of run-time files (Airflow's home, dbt's target and logs).
    """
    airflow, dbt = state / "airflow", REPOSITORY / "include" / "dbt"
    return {
        "PYTHONPATH": f"{REPOSITORY / 'plugins'}:{REPOSITORY}",
        # where things are
        "STORAGE_EMULATOR_HOST": endpoints.lake,
        "BIGQUERY_EMULATOR_HOST": endpoints.warehouse,
        "GOOGLE_CLOUD_PROJECT": PROJECT_ID,
        "AIRFLOW_CONN_ODRE_API": json.dumps({"conn_type": "http", "host": endpoints.api}),
        "AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT": json.dumps(
            {"conn_type": "google_cloud_platform", "extra": {"is_anonymous": True, "project": PROJECT_ID}}
        ),
        # the names the pipeline uses
        "ECO2MIX_PROJECT_ID": PROJECT_ID,
        "ECO2MIX_LAKE_BUCKET": LAKE_BUCKET,
        "ECO2MIX_LOCATION": LOCATION,
        **{f"ECO2MIX_{kind}_DATASET": name for kind, name in DATASETS.items()},
        "ECO2MIX_WAREHOUSE_POOL": POOL,
        # dbt
        "DBT_TARGET": "local",
        "DBT_PROJECT_DIR": str(dbt),
        "DBT_PROFILES_DIR": str(dbt),
        "DBT_TARGET_PATH": str(state / "dbt" / "target"),
        "DBT_LOG_PATH": str(state / "dbt" / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        # Airflow
        "AIRFLOW_HOME": str(airflow),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "AIRFLOW__COSMOS__CACHE_DIR": str(state / "cosmos"),
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "AIRFLOW__COSMOS__DBT_DOCS_PROJECTS": json.dumps(
            {"eco2mix": {"name": "dbt docs", "dir": f"gs://{LAKE_BUCKET}/dbt_docs", "conn_id": "google_cloud_default"}}
        ),
        "DO_NOT_TRACK": "1",
    }


def write_environment(path: Path, environment: Mapping[str, str]) -> None:
    """Write `environment` as lines a POSIX shell can source, which only the owner may read: it holds secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items()))


def read_environment(path: Path) -> dict[str, str]:
    """What `write_environment` wrote."""
    words = (word for line in path.read_text().splitlines() for word in shlex.split(line)[1:])
    return dict(word.split("=", 1) for word in words)
