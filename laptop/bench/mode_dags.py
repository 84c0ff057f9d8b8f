"""DAGs that do nothing but the dbt part of a run, one for every way to run it that was weighed; read by Airflow when
`laptop.bench.modes` points its DAGs folder here. Windows come from the trigger's `conf`."""

from __future__ import annotations

from airflow.sdk import DAG
from cosmos import (
    DbtBuildLocalOperator,
    DbtTaskGroup,
    ExecutionConfig,
    ExecutionMode,
    InvocationMode,
    LoadMode,
    ProjectConfig,
    RenderConfig,
    TestBehavior,
)
from odre.contract import SOURCE_NAME
from odre.settings import Settings, dbt_project_dir
from odre.transform import MANIFEST, dbt_models, profile

TABLE = "eco2mix_national_tr"
_SELECT = f"source:{SOURCE_NAME}.{TABLE}+"
_VARIABLES = {name: f"{{{{ dag_run.conf['{name}'] }}}}" for name in ("window_start", "window_end")}
_OPTIONS = {"vars": _VARIABLES, "install_deps": False, "exclude": "resource_type:unit_test"}


def _group(mode: ExecutionMode) -> None:
    """A task for every model, in a mode of Cosmos."""
    project = dbt_project_dir()
    watcher = mode == ExecutionMode.WATCHER
    DbtTaskGroup(
        group_id="dbt",
        project_config=ProjectConfig(
            dbt_project_path=project, manifest_path=project / MANIFEST, install_dbt_deps=False
        ),
        profile_config=profile(Settings.from_environment()),
        execution_config=ExecutionConfig(execution_mode=mode, invocation_mode=InvocationMode.DBT_RUNNER),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            select=[_SELECT],
            test_behavior=TestBehavior.AFTER_EACH if watcher else TestBehavior.BUILD,
        ),
        operator_args=_OPTIONS,
    )


def _one_task() -> None:
    DbtBuildLocalOperator(
        task_id="build",
        project_dir=str(dbt_project_dir()),
        profile_config=profile(Settings.from_environment()),
        invocation_mode=InvocationMode.DBT_RUNNER,
        select=[_SELECT],
        emit_datasets=False,
        **_OPTIONS,
    )


MODES = {
    "chosen": lambda: dbt_models(TABLE, Settings.from_environment(), _VARIABLES, "false"),
    "local": lambda: _group(ExecutionMode.LOCAL),
    "watcher": lambda: _group(ExecutionMode.WATCHER),
    "one_task": _one_task,
}
for name, fill in MODES.items():
    with DAG(dag_id=f"bench_{name}", schedule=None, max_active_runs=1) as dag:
        fill()
    globals()[dag.dag_id] = dag
