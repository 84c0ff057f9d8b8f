"""The dbt models downstream of a dataset, as Airflow tasks (Cosmos)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from cosmos import (
    DbtBuildLocalOperator,
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

from odre.assets import model_asset, node_asset
from odre.contract import SOURCE_NAME
from odre.lineage import (
    compiled_files,
    dag_manifest,
    landing,
    neighbours,
    reachable,
    read_manifest,
    seeds,
    subject_of,
    subjects,
)
from odre.settings import Settings, dbt_project_dir
from odre.task_docs import of_models

if TYPE_CHECKING:
    from airflow.sdk import Context

_CHECKSUM = "checksum"
# Tests of tables, but for those that only warn, are a part of the statement that writes the table (macro `guarded`). So
# are those of views that a table guards. Unit tests prove the code and not the data: `make test` runs them.
NOT_IN_THE_DAG = ["resource_type:unit_test"] + [
    f"test_type:generic,config.severity:ERROR,{guarded}+1"
    for guarded in ("config.materialized:table", "config.materialized:incremental", "config.meta.guarded:true")
]


def profile(settings: Settings) -> ProfileConfig:
    """The dbt profile of this environment."""
    return ProfileConfig(
        profile_name="eco2mix",
        target_name=settings.dbt_target,
        profiles_yml_filepath=dbt_project_dir() / "profiles.yml",
    )


def dbt_task(settings: Settings) -> dict[str, Any]:
    """What every dbt operator of this project is given."""
    return {
        "project_dir": str(dbt_project_dir()),
        "profile_config": profile(settings),
        "invocation_mode": InvocationMode.DBT_RUNNER,
        "install_deps": False,
        "emit_datasets": False,
    }


def dbt_target_flags(table: str) -> list[str]:
    """Flags that give each DAG's dbt tasks a target folder of their own, below dbt's variable `DBT_TARGET_PATH` where
    that is set. dbt keeps the parsed project and the compiled SQL in that folder. DAGs that run at the same time build
    some of the same models, and in one folder each would overwrite the files of the others."""
    folder = os.environ.get("DBT_TARGET_PATH")
    return ["--target-path", str(Path(folder) / table)] if folder else []


def dbt_build_flags(table: str) -> list[str]:
    """Flags of every `dbt build` of a DAG. dbt would write its whole manifest twice, and the results, as JSON that
    nobody reads: half a second of each task. It would write every event, most of them for debugging, into a log file
    on the worker's disk, which few people can read; Airflow keeps what dbt prints. And it would list the tables and
    the routines of all datasets, of which our materializations need nothing: two calls to BigQuery before a task
    begins."""
    return ["--no-write-json", "--log-level-file", "none", "--no-populate-cache", *dbt_target_flags(table)]


def dbt_models(table: str, settings: Settings, environment: dict[str, str], full_refresh: str) -> DbtTaskGroup:
    """A task group that builds what is downstream of the landing table `table`: a task for every model before the
    marts, and one for the marts of every subject.

    Each task is a `dbt build` of its models with their data tests, and can be retried alone. Pools keep writers of the
    same table apart: one for all models before the marts, and one for the marts of each subject, so that those of
    different subjects are built at the same time.

    :param environment: variables of dbt's environment, templated.
    :param full_refresh: templated boolean; rebuild incremental models from scratch.
    """
    project, manifest = dbt_project_dir(), read_manifest(dag_manifest(table))
    found = subjects(manifest, table)
    downstream = f"source:{SOURCE_NAME}.{table}+"
    options: dict[str, Any] = {
        "callback": show_compiled_sql,
        "full_refresh": full_refresh,
        "exclude": NOT_IN_THE_DAG,
        "dbt_cmd_flags": dbt_build_flags(table),
    }
    models = DbtTaskGroup(
        group_id="dbt",
        project_config=ProjectConfig(
            dbt_project_path=project,
            manifest_path=dag_manifest(table),
            install_dbt_deps=False,
            env_vars=environment,
        ),
        profile_config=profile(settings),
        execution_config=ExecutionConfig(execution_mode=ExecutionMode.LOCAL, invocation_mode=InvocationMode.DBT_RUNNER),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            select=[downstream],
            exclude=[f"tag:{name}" for name in found],
            test_behavior=TestBehavior.BUILD,
            emit_datasets=False,
        ),
        operator_args={**options, "install_deps": False, "pool": settings.warehouse_pool},
    )
    last = list(models.get_leaves())
    with models:
        marts = {
            name: DbtBuildLocalOperator(
                task_id=name,
                select=[f"{downstream},tag:{name}"],
                env=environment,
                pool=settings.mart_pool(name),
                **dbt_task(settings),
                **options,
            )
            for name in found
        }
    for name, reads in found.items():
        ([marts[other] for other in sorted(reads)] or last) >> marts[name]
    _declare_assets(models, manifest, table, settings)
    return models


def _declare_assets(models: DbtTaskGroup, manifest: dict[str, Any], table: str, settings: Settings) -> None:
    """Give every task of the group the tables that it writes and reads, and a text that names them."""
    nodes, downstream = manifest["nodes"], reachable(manifest["child_map"], landing(manifest, table))
    written: dict[str, list[str]] = {}
    for i in sorted(downstream):
        if i in nodes and nodes[i]["resource_type"] == "model":
            name = subject_of(nodes[i]) or f"{nodes[i]['name']}_model_build"
            written.setdefault(f"{models.group_id}.{name}", []).append(i)
    for task in models.iter_tasks():
        own = written[task.task_id]
        read = {parent for i in own for parent in manifest["parent_map"][i]} - set(own)
        task.outlets = [model_asset(nodes[i]["name"], settings) for i in own]
        task.inlets = [asset for i in sorted(read) if (asset := node_asset(i, settings))]
        task.doc_md = of_models(nodes[i] for i in own)


def show_compiled_sql(_: str, context: Context) -> None:
    """Make the UI show the SQL that dbt has run, under "Rendered Templates".

    Cosmos looks for it in its copy of the project, but dbt writes it where `DBT_TARGET_PATH` says.

    :param context: of a task that has just run dbt.
    """
    task: Any = context["task"]  # one of Cosmos's operators
    flags = task.dbt_cmd_flags
    if "--target-path" not in flags:
        return
    folder = Path(flags[flags.index("--target-path") + 1]) / "compiled"
    began = context["ti"].start_date.timestamp()
    # The tasks of a DAG share the folder, and runs do. A file that is older than this task is of an earlier run.
    own = compiled_files(read_manifest(), {asset.name for asset in task.outlets})
    found = [path for path in sorted(folder.rglob("*.sql")) if path.name in own and path.stat().st_mtime >= began]
    task.compiled_sql = "\n\n".join(
        f"-- {path.relative_to(folder)}\n{path.read_text(encoding='utf-8').strip()}" for path in found
    )


class NeighbourModelsOperator(DbtBuildLocalOperator):
    """Build the tables that this DAG's models read and that this DAG does not build itself, if they are missing.

    - Models that join datasets read models of the other datasets, which the other DAGs build. They are missing on the
      first run in an empty warehouse. They are built whole, because the run's window limits only models that exist
      already.
    - Seeds come with the code. One is loaded when its table is missing or was made from another file: a label of the
      table holds the file's checksum.

    In later runs this task finds everything there and builds nothing.

    :param table: landing table of this DAG.
    """

    def __init__(self, *, table: str, settings: Settings, **kwargs: Any) -> None:
        super().__init__(
            dbt_cmd_flags=dbt_build_flags(table),
            exclude=["resource_type:unit_test", "resource_type:test"],
            **dbt_task(settings),
            **kwargs,
        )
        self.table, self.dataset_id, self.location = table, settings.marts_dataset, settings.location
        self.dataset_project = settings.project_id

    def execute(self, context: Context, **kwargs: Any) -> Any:
        manifest = read_manifest()
        client = BigQueryHook(location=self.location).get_client(project_id=self.dataset_project)
        dataset = f"{self.dataset_project}.{self.dataset_id}"
        existing = {item.table_id: item.labels for item in client.list_tables(dataset)}
        models = sorted(neighbours(manifest, self.table) - existing.keys())
        checksums = {name: _checksum(name) for name in seeds(manifest, self.table)}
        loaded = sorted(name for name in checksums if existing.get(name, {}).get(_CHECKSUM) != checksums[name])
        if not models + loaded:
            self.log.info("all models of the other datasets exist, and the seeds are those of the code")
            return None
        self.log.info("building: %s", ", ".join(models + loaded))
        self.select = models + loaded
        answer = super().execute(context, **kwargs)
        for name in loaded:
            table = client.get_table(f"{dataset}.{name}")
            table.labels = {**table.labels, _CHECKSUM: checksums[name]}
            client.update_table(table, ["labels"])
        return answer


def _checksum(seed: str) -> str:
    """Checksum of a seed's file, of a length that a label can have."""
    content = (dbt_project_dir() / "seeds" / f"{seed}.csv").read_bytes()
    return hashlib.sha256(content).hexdigest()[:40]
