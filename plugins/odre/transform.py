"""The dbt models downstream of a dataset, as Airflow tasks (Cosmos)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
from cosmos import (
    DbtBuildLocalOperator,
    DbtRunLocalOperator,
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

if TYPE_CHECKING:
    from airflow.sdk import Context

MANIFEST = "manifest.json"
# Marts have this tag and that of their subject (dbt_project.yml): the marts of one subject are one task.
_MART = "mart"


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
    """Flags that give a DAG's dbt tasks a target folder of the DAG's own, below dbt's variable `DBT_TARGET_PATH` where
    that is set. dbt keeps what it has parsed there, and parses the whole project again when the vars differ; the DAGs'
    windows do."""
    folder = os.environ.get("DBT_TARGET_PATH")
    return ["--target-path", str(Path(folder) / table)] if folder else []


def dbt_models(table: str, settings: Settings, variables: dict[str, str], full_refresh: str) -> DbtTaskGroup:
    """A task group that builds what is downstream of the landing table `table`: a task for every model before the
    marts, and one for the marts of every subject.

    Each task is a `dbt build` of its models with their data tests, and can be retried alone; the pool keeps
    writers of the same mart apart. Unit tests prove the code and not the data, so they run in CI and not here.

    :param variables: dbt vars, templated.
    :param full_refresh: templated boolean; rebuild incremental models from scratch.
    """
    project = dbt_project_dir()
    downstream = f"source:{SOURCE_NAME}.{table}+"
    options: dict[str, Any] = {
        "vars": variables,
        "full_refresh": full_refresh,
        "exclude": "resource_type:unit_test",
        "pool": settings.warehouse_pool,
        "dbt_cmd_flags": dbt_target_flags(table),
    }
    models = DbtTaskGroup(
        group_id="dbt",
        project_config=ProjectConfig(
            dbt_project_path=project, manifest_path=project / MANIFEST, install_dbt_deps=False
        ),
        profile_config=profile(settings),
        execution_config=ExecutionConfig(execution_mode=ExecutionMode.LOCAL, invocation_mode=InvocationMode.DBT_RUNNER),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            select=[downstream],
            exclude=[f"tag:{_MART}"],
            test_behavior=TestBehavior.BUILD,
        ),
        operator_args={**options, "install_deps": False},
    )
    found = subjects(read_manifest(), table)
    last = list(models.get_leaves())
    with models:
        marts = {
            name: DbtBuildLocalOperator(
                task_id=name,
                # Seeds come with the code, which may have changed since the last run: they are loaded every time.
                select=[f"{downstream},tag:{_MART},tag:{name}", *sorted(subject.seeds)],
                **dbt_task(settings),
                **options,
            )
            for name, subject in found.items()
        }
    for name, subject in found.items():
        ([marts[other] for other in sorted(subject.reads)] or last) >> marts[name]
    return models


class NeighbourModelsOperator(DbtRunLocalOperator):
    """Build, where they do not exist yet, the models that this DAG's models read but does not build itself.

    Models that join datasets read models of the other datasets, which the other DAGs build. On the first
    run in an empty warehouse those are not there; afterwards this task looks and does nothing.

    What it builds, it builds whole: a window binds only models that exist. It is given the run's dbt vars all the
    same, because dbt parses the whole project again when they change.

    :param table: landing table of this DAG.
    """

    def __init__(self, *, table: str, settings: Settings, **kwargs: Any) -> None:
        super().__init__(dbt_cmd_flags=dbt_target_flags(table), **dbt_task(settings), **kwargs)
        self.table, self.dataset_id, self.location = table, settings.marts_dataset, settings.location
        self.dataset_project = settings.project_id

    def execute(self, context: Context, **kwargs: Any) -> Any:
        manifest = read_manifest()
        client = BigQueryHook(location=self.location).get_client(project_id=self.dataset_project)
        existing = {item.table_id for item in client.list_tables(f"{self.dataset_project}.{self.dataset_id}")}
        missing = sorted(neighbours(manifest, self.table) - existing)
        if not missing:
            self.log.info("all models of the other datasets exist")
            return None
        self.log.info("building for the first time: %s", ", ".join(missing))
        self.select = missing
        return super().execute(context, **kwargs)


def read_manifest() -> dict[str, Any]:
    """The committed manifest of the dbt project."""
    manifest: dict[str, Any] = json.loads((dbt_project_dir() / MANIFEST).read_text(encoding="utf-8"))
    return manifest


class Subject(NamedTuple):
    """Marts that are built together.

    :param reads: other subjects whose marts these read.
    :param seeds: seeds that these read.
    """

    reads: set[str]
    seeds: set[str]


def subjects(manifest: dict[str, Any], table: str) -> dict[str, Subject]:
    """Subjects of the marts downstream of `table`, by name."""
    nodes = manifest["nodes"]
    of = {i: name for name, marts in marts_by_subject(manifest, table).items() for i in marts}
    found = {name: Subject(set(), set()) for name in sorted(set(of.values()))}
    for i, name in of.items():
        parents = manifest["parent_map"][i]
        found[name].reads.update({of[parent] for parent in parents if parent in of} - {name})
        found[name].seeds.update(
            nodes[p]["name"] for p in parents if p in nodes and nodes[p]["resource_type"] == "seed"
        )
    return found


def marts_by_subject(manifest: dict[str, Any], table: str) -> dict[str, set[str]]:
    """The marts downstream of `table`, as unique ids of dbt, by subject."""
    nodes, found = manifest["nodes"], dict[str, set[str]]()
    for i in _reachable(manifest["child_map"], _landing(manifest, table)):
        if i in nodes and nodes[i]["resource_type"] == "model" and _MART in nodes[i]["tags"]:
            subject = next(tag for tag in nodes[i]["tags"] if tag != _MART)
            found.setdefault(subject, set()).add(i)
    return found


def neighbours(manifest: dict[str, Any], table: str) -> set[str]:
    """Names of the models that the models downstream of `table` read and that are not downstream of it."""
    return _read_and_not_built(manifest, table, _reachable(manifest["child_map"], _landing(manifest, table)))


def neighbours_of_marts(manifest: dict[str, Any], table: str, marts: Iterable[str]) -> set[str]:
    """Those of the `neighbours` that these marts read, themselves or through others."""
    return _read_and_not_built(manifest, table, marts)


def _read_and_not_built(manifest: dict[str, Any], table: str, readers: Iterable[str]) -> set[str]:
    downstream = _reachable(manifest["child_map"], _landing(manifest, table))
    upstream = _reachable(manifest["parent_map"], readers)
    return {
        manifest["nodes"][i]["name"]
        for i in upstream - downstream
        if i in manifest["nodes"] and manifest["nodes"][i]["resource_type"] == "model"
    }


def _landing(manifest: dict[str, Any], table: str) -> list[str]:
    return [i for i, s in manifest["sources"].items() if (s["source_name"], s["name"]) == (SOURCE_NAME, table)]


def _reachable(edges: dict[str, list[str]], starts: Iterable[str]) -> set[str]:
    found, waiting = set(), list(starts)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(edges.get(node, ()))
    return found
