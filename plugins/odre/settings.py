"""Where this environment keeps things. Everything comes from environment variables, the same on a
laptop, in CI and on Composer; `terraform/` and `laptop.stack` are the two places that set them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path


def _number(name: str, default: str | None = None):
    read = _env(name, default, required=False).default_factory

    def number() -> float | None:
        value = read()
        try:
            return None if value is None else float(value)
        except ValueError:
            raise RuntimeError(f"environment variable {name} is {value!r}, not a number → correct it") from None

    return field(default_factory=number)


def _env(name: str, default: str | None = None, required: bool = True):
    def read() -> str | None:
        value = os.environ.get(name) or default
        if not value and required:
            raise RuntimeError(
                f"environment variable {name} is not set → set it where this environment is configured "
                "(the README lists all of them)"
            )
        return value or None

    return field(default_factory=read)


@dataclass(frozen=True)
class Settings:
    """Names of the project, lake and warehouse of this environment.

    :raises RuntimeError: when a variable without default is missing, or one that should be a number is none.
    """

    project_id: str = _env("ECO2MIX_PROJECT_ID")
    lake_bucket: str = _env("ECO2MIX_LAKE_BUCKET")
    location: str = _env("ECO2MIX_LOCATION", "EU")
    staging_dataset: str = _env("ECO2MIX_STAGING_DATASET", "de_project_staging")
    development_dataset: str = _env("ECO2MIX_DEVELOPMENT_DATASET", "de_project_development")
    production_dataset: str = _env("ECO2MIX_PRODUCTION_DATASET", "de_project_production")
    dbt_target: str = _env("DBT_TARGET", "local")
    warehouse_pool: str = _env("ECO2MIX_WAREHOUSE_POOL", "default_pool")
    maximum_bytes_billed: str = _env("ECO2MIX_MAXIMUM_BYTES_BILLED", str(10 * 1024**3))
    alert_emails: str | None = _env("ECO2MIX_ALERT_EMAILS", required=False)
    alert_webhook: str | None = _env("ECO2MIX_ALERT_WEBHOOK_CONN_ID", required=False)
    run_deadline_minutes: float = _number("ECO2MIX_RUN_DEADLINE_MINUTES", "60")
    approval_above_days: float | None = _number("ECO2MIX_APPROVAL_ABOVE_DAYS")

    @property
    def marts_dataset(self) -> str:
        """BigQuery dataset that this environment's dbt target builds into."""
        return self.production_dataset if self.dbt_target == "production" else self.development_dataset


def dbt_project_dir() -> Path:
    """Folder of the dbt project: dbt's own DBT_PROJECT_DIR, else `include/dbt` beside the dags folder
    (which is where Astro mounts it)."""
    default = Path(__file__).resolve().parents[2] / "include" / "dbt"
    return Path(os.environ.get("DBT_PROJECT_DIR") or default)
