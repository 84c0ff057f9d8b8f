"""Where this environment keeps things, and what it allows.

Everything comes from environment variables, which are the same on a laptop, in CI and on Composer. Terraform sets them
in the cloud, `laptop.environment` on a laptop, `docker-compose.override.yml` in containers.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_AIRFLOWS_OWN_POOL = "default_pool"


class Settings(BaseModel):
    """Names of the project, lake and warehouse of this environment, and its limits.

    `from_environment` reads them; the validation alias of a field is its environment variable.

    :param project_id: Google Cloud project.
    :param lake_bucket: bucket of the lake.
    :param location: BigQuery location.
    :param staging_dataset: BigQuery dataset of the landing tables.
    :param development_dataset: BigQuery dataset of the models, for all dbt targets but `production`.
    :param production_dataset: BigQuery dataset of the models, for the dbt target `production`.
    :param dbt_target: dbt target.
    :param warehouse_pool: Airflow pool of the tasks that write what comes before the marts; `mart_pool` names those of
        the marts.
    :param maximum_bytes_billed: upper bound of every query job, in bytes.
    :param alert_emails: addresses to which failures and lateness are mailed, separated by commas.
    :param alert_webhook: HTTP connection to which they are posted.
    :param run_deadline_minutes: minutes after the end of its interval by which a run of the schedule has to start.
    :param approval_above_days: longest range, in days, that needs no approval; `None` when no range needs one.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, allow_inf_nan=False)

    project_id: str = Field(validation_alias="ECO2MIX_PROJECT_ID")
    lake_bucket: str = Field(validation_alias="ECO2MIX_LAKE_BUCKET")
    location: str = Field("EU", validation_alias="ECO2MIX_LOCATION")
    staging_dataset: str = Field("de_project_staging", validation_alias="ECO2MIX_STAGING_DATASET")
    development_dataset: str = Field("de_project_development", validation_alias="ECO2MIX_DEVELOPMENT_DATASET")
    production_dataset: str = Field("de_project_production", validation_alias="ECO2MIX_PRODUCTION_DATASET")
    dbt_target: str = Field("local", validation_alias="DBT_TARGET")
    warehouse_pool: str = Field(_AIRFLOWS_OWN_POOL, validation_alias="ECO2MIX_WAREHOUSE_POOL")
    maximum_bytes_billed: int = Field(10 * 1024**3, validation_alias="ECO2MIX_MAXIMUM_BYTES_BILLED", gt=0)
    alert_emails: str | None = Field(None, validation_alias="ECO2MIX_ALERT_EMAILS")
    alert_webhook: str | None = Field(None, validation_alias="ECO2MIX_ALERT_WEBHOOK_CONN_ID")
    run_deadline_minutes: float = Field(60, validation_alias="ECO2MIX_RUN_DEADLINE_MINUTES", gt=0)
    approval_above_days: float | None = Field(None, validation_alias="ECO2MIX_APPROVAL_ABOVE_DAYS", ge=0)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the environment variables. An empty variable counts as one that is not set.

        :raises RuntimeError: a variable without default is not set, or one that should be a number is not one.
        """
        names = [str(field.validation_alias) for field in cls.model_fields.values()]
        given = {name: environment[name] for name in names if environment.get(name)}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problem = error.errors()[0]
            name = str(problem["loc"][0])
            if problem["type"] == "missing":
                raise RuntimeError(
                    f"environment variable {name} is not set → set it where this environment is configured "
                    "(the README lists all of them)"
                ) from None
            kinds = {"int_parsing": "a whole number", "float_parsing": "a number"}
            expected = kinds.get(problem["type"]) or problem["msg"].removeprefix("Input should be ")
            raise RuntimeError(f"environment variable {name} is {given[name]!r}, not {expected} → correct it") from None

    @property
    def marts_dataset(self) -> str:
        """BigQuery dataset that this environment's dbt target builds into."""
        return self.production_dataset if self.dbt_target == "production" else self.development_dataset

    def mart_pool(self, subject: str) -> str:
        """Airflow pool of the tasks that build the marts of a subject, one in each DAG.

        Marts of different subjects are different tables, so they may be built at the same time.
        """
        pool = self.warehouse_pool
        return pool if pool == _AIRFLOWS_OWN_POOL else f"{pool}_{subject}"


def dbt_project_dir() -> Path:
    """Folder of the dbt project: dbt's own variable `DBT_PROJECT_DIR`, else `include/dbt` beside the dags folder, which
    is where Astro mounts it."""
    default = Path(__file__).resolve().parents[2] / "include" / "dbt"
    return Path(os.environ.get("DBT_PROJECT_DIR") or default)
