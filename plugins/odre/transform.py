"""The dbt models downstream of a dataset, as Airflow tasks (Cosmos)."""

from __future__ import annotations

from typing import Any

from cosmos import (
    DbtTaskGroup,
    ExecutionConfig,
    ExecutionMode,
    InvocationMode,
    LoadMode,
    ProfileConfig,
    ProjectConfig,
    RenderConfig,
    TestBehavior,
)

from odre.contract import SOURCE_NAME
from odre.settings import Settings, dbt_project_dir

MANIFEST = "manifest.json"


def dbt_models(table: str, settings: Settings, variables: dict[str, str], full_refresh: str) -> DbtTaskGroup:
    """A task group with one task for every model downstream of the landing table `table`.

    One `dbt build` does the work, each task follows its own model and tests and can be retried alone.

    :param variables: dbt vars, templated.
    :param full_refresh: templated boolean; rebuild incremental models from scratch.
    """
    project = dbt_project_dir()
    arguments: dict[str, Any] = {
        "vars": variables,
        "full_refresh": full_refresh,
        "install_deps": False,
        "pool": settings.warehouse_pool,
    }
    return DbtTaskGroup(
        group_id="dbt",
        project_config=ProjectConfig(
            dbt_project_path=project, manifest_path=project / MANIFEST, install_dbt_deps=False
        ),
        profile_config=ProfileConfig(
            profile_name="eco2mix", target_name=settings.dbt_target, profiles_yml_filepath=project / "profiles.yml"
        ),
        execution_config=ExecutionConfig(
            execution_mode=ExecutionMode.WATCHER, invocation_mode=InvocationMode.DBT_RUNNER
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            select=[f"source:{SOURCE_NAME}.{table}+"],
            test_behavior=TestBehavior.BUILD,
        ),
        operator_args=arguments,
    )
