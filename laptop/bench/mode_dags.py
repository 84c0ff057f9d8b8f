"""DAGs that contain only the dbt part of a run, one for every way of running it that was considered. Airflow reads them
when `laptop.bench.modes` makes this file its DAGs folder. Windows come from the trigger's `conf`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from odre.lineage import MANIFEST, read_manifest, subjects
from odre.plan import WINDOW_VARIABLES
from odre.settings import Settings, dbt_project_dir
from odre.transform import NOT_IN_THE_DAG, dbt_build_flags, dbt_models, dbt_task, profile

TABLE = "eco2mix_national_tr"
_SELECT = f"source:{SOURCE_NAME}.{TABLE}+"
_WINDOW = {name: f"{{{{ dag_run.conf['{name}'] }}}}" for name in WINDOW_VARIABLES}
_OPTIONS: dict[str, Any] = {
    "install_deps": False,
    "exclude": NOT_IN_THE_DAG,
    "dbt_cmd_flags": dbt_build_flags(TABLE),
}


def _group(mode: ExecutionMode, tests: TestBehavior, exclude: tuple[str, ...] = (), **options: Any) -> DbtTaskGroup:
    """One task for every model that is not excluded, in a mode of Cosmos."""
    project = dbt_project_dir()
    return DbtTaskGroup(
        group_id="dbt",
        project_config=ProjectConfig(
            dbt_project_path=project, manifest_path=project / MANIFEST, install_dbt_deps=False, env_vars=_WINDOW
        ),
        profile_config=profile(Settings.from_environment()),
        execution_config=ExecutionConfig(
            execution_mode=mode,
            invocation_mode=InvocationMode.DBT_RUNNER,
            # The producer of WATCHER does not accept the arguments of sensors.
            setup_operator_args={"poke_interval": None} if "poke_interval" in options else None,
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            select=[_SELECT],
            exclude=list(exclude),
            test_behavior=tests,
        ),
        operator_args=_OPTIONS | options,
    )


def _together(name: str, *select: str) -> DbtBuildLocalOperator:
    """One task for all models of the selections."""
    options = {key: value for key, value in _OPTIONS.items() if key != "install_deps"}
    return DbtBuildLocalOperator(
        task_id=name, select=list(select), env=_WINDOW, **dbt_task(Settings.from_environment()), **options
    )


def _grouped() -> None:
    tags = [f"tag:{name}" for name in subjects(read_manifest(), TABLE)]
    models = _group(ExecutionMode.LOCAL, TestBehavior.BUILD, exclude=tuple(tags))
    last = list(models.get_leaves())
    with models:
        last >> _together("marts", *(f"{_SELECT},{tag}" for tag in tags))


MODES: dict[str, Callable[[], object]] = {
    "chosen": lambda: dbt_models(TABLE, Settings.from_environment(), _WINDOW, "false"),
    "grouped": _grouped,
    "local": lambda: _group(ExecutionMode.LOCAL, TestBehavior.BUILD),
    # The sensors of WATCHER defer themselves, and poll every ten seconds unless `poke_interval` is given.
    "watcher": lambda: _group(ExecutionMode.WATCHER, TestBehavior.AFTER_EACH, poke_interval=1),
    "one_task": lambda: _together("build", _SELECT),
}
for name, fill in MODES.items():
    with DAG(dag_id=f"bench_{name}", schedule=None, max_active_runs=1) as dag:
        fill()
    globals()[dag.dag_id] = dag
