"""Rules for every DAG, whichever datasets there are."""

import ast
import json
import re
from datetime import date
from pathlib import Path

import pytest
from airflow.providers.google.assets.bigquery import convert_asset_to_openlineage
from airflow.sdk import CronDataIntervalTimetable
from airflow.serialization.serialized_objects import DagSerialization
from odre.contract import load_contract, tables
from odre.ledger import LEDGER
from odre.lineage import read_manifest, seeds
from odre.loadable import Loadable, loadable_in
from odre.operators.approval import WindowApprovalOperator
from odre.plan import RunPlan
from odre.window import Window

from laptop.environment import POOL, REPOSITORY

DAGS = REPOSITORY / "dags"
# Tasks of every DAG: the later one waits for the earlier one, directly or through others.
ORDER = [
    ("window", "ingest.extract"),
    ("ingest.extract", "ingest.load"),
    ("ingest.load", "ingest.merge"),
    ("ingest.landing_tables", "ingest.merge"),
    ("ingest.merge", "ingest.drop_batch"),
    ("ingest.merge", "source_freshness"),
    ("publish_dashboard", "set_aside"),
    ("publish_dbt_docs", "set_aside"),
]
DBT = "dbt."


def load(folder):
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(folder), safe_mode=True)


@pytest.fixture(scope="module")
def bag(airflow_home):
    return load(DAGS)


def relatives(dag, task_id, upstream=False):
    return {task.task_id for task in dag.get_task(task_id).get_flat_relatives(upstream=upstream)}


def test_every_dataset_has_a_dag_file_and_every_dag_file_a_dataset(bag):
    assert bag.import_errors == {}
    assert sorted(bag.dags) == sorted(path.stem for path in DAGS.glob("*.py")) == tables()
    assert {table: Path(dag.fileloc).stem for table, dag in bag.dags.items()} == {table: table for table in tables()}


def test_a_dag_file_is_found_by_its_code_alone(airflow_home, tmp_path):
    """Airflow silently skips files without the words `dag` and `airflow`, and no comment may be the only place that has
    them. Unparsed code has no comments, and the docstring is taken away here."""
    for path in DAGS.glob("*.py"):
        module = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(module)
        module.body = module.body[1:]
        (tmp_path / path.name).write_text(ast.unparse(module), encoding="utf-8")
    bag = load(tmp_path)
    assert bag.import_errors == {} and sorted(bag.dags) == tables()


@pytest.mark.parametrize("table", tables())
def test_policies(bag, table):
    dag, contract = bag.dags[table], load_contract(table)
    assert isinstance(dag.timetable, CronDataIntervalTimetable) and not dag.catchup
    assert (dag.timetable.expression, str(dag.timetable.timezone)) == (contract.schedule, contract.timezone)
    assert {"odre", contract.dataset_id} <= set(dag.tags)
    assert contract.description in dag.doc_md and all(f"`{c.name}`" in dag.doc_md for c in contract.columns)
    cron = re.compile(r"`[^`\n]*\* \*[^`\n]*`")  # the UI's readers get words, with the zone
    assert not cron.search(dag.doc_md) and dag.doc_md.count(f", {contract.timezone} time") == 1 + bool(contract.sweep)
    assert set(dag.params) == {"start_date", "end_date", "full_refresh", "dry_run"}
    served = DagSerialization.from_dict(DagSerialization.to_dict(dag)).params
    told = loadable_in({"params": {name: param.dump() for name, param in served.items()}})
    assert told == Loadable(contract.dataset_id, contract.start_date, contract.timezone)
    writers = {task.task_id for task in dag.tasks if task.outlets} | {"neighbour_models"}
    assert {task.task_id for task in dag.tasks if task.pool.startswith(POOL)} == writers
    for task in dag.tasks:
        assert task.owner and task.execution_timeout
        assert task.retries >= 2, task.task_id
        assert task.doc_md and not re.search(r"\bNone\b|:param|\{\{|\.\.$", task.doc_md, re.MULTILINE), task.task_id


def test_tasks_that_write_the_same_table_share_a_pool(bag):
    """Whatever DAG they are of. The pools have one slot. `neighbour_models`, which builds what is missing, names no table."""
    pools: dict[str, set[str]] = {}
    for dag in bag.dags.values():
        for task in dag.tasks:
            for asset in task.outlets:
                pools.setdefault(asset.name, set()).add(task.pool)
    assert pools["daily_merged"] == {f"{POOL}_legacy"} and pools["int_mix_daily"] == {POOL}
    assert {table: found for table, found in pools.items() if len(found) > 1} == {}


@pytest.mark.parametrize("table", tables())
def test_tasks_in_order(bag, table):
    dag = bag.dags[table]
    for earlier, later in ORDER:
        assert later in relatives(dag, earlier)
    models = {task.task_id for task in dag.tasks if task.task_id.startswith(DBT)}
    assert models and models <= relatives(dag, "ingest.merge")
    assert all({"publish_dashboard", "publish_dbt_docs"} <= relatives(dag, model) for model in models)
    assert dag.get_task("ingest.drop_batch").is_teardown and dag.get_task("ingest.load").is_setup


@pytest.mark.parametrize("table", tables())
def test_every_model_downstream_of_the_dataset_is_built_by_one_task(bag, table, downstream):
    """A model before the marts is a task of its own. The marts of a subject are one task, which waits for the tasks
    whose tables they read. Seeds are loaded before."""
    dag = bag.dags[table]
    contexts = [getattr(task, "extra_context", {}) for task in dag.tasks]
    nodes = [context["dbt_node_config"] for context in contexts if "dbt_node_config" in context]
    alone = {node["unique_id"]: f"{DBT}{node['resource_name']}_model_build" for node in nodes}
    together = {
        unique_id: f"{DBT}{subject}"
        for unique_id, node in downstream(table).items()
        for subject in set(node["tags"]) - {"mart"}
    }
    assert not set(alone) & set(together) and set(alone) | set(together) == set(downstream(table))
    assert {task.task_id for task in dag.tasks if task.task_id.startswith(DBT)} == set((alone | together).values())
    builds = alone | together
    for unique_id, node in downstream(table).items():
        for parent in set(node["depends_on"]["nodes"]) & set(builds):
            if builds[parent] != builds[unique_id]:
                assert builds[parent] in relatives(dag, builds[unique_id], upstream=True), (parent, unique_id)
        read = {i.split(".")[-1] for i in node["depends_on"]["nodes"] if i.startswith("seed.")}
        assert read <= seeds(read_manifest(), table)


@pytest.mark.parametrize("table", tables())
def test_the_assets_of_a_dag_are_one_graph(bag, table, downstream):
    """Every model is written by the task that builds it, and read, in the same form, by the tasks of what reads it; from
    the landing table each can be reached."""
    dag = bag.dags[table]
    form = re.compile(r"bigquery://[\w-]+/\w+/(\w+)")
    writes = {task.task_id: {form.fullmatch(asset.uri)[1] for asset in task.outlets} for task in dag.tasks}
    reads = {task.task_id: {form.fullmatch(asset.uri)[1] for asset in task.inlets} for task in dag.tasks}
    models = {node["name"] for node in downstream(table).values()}
    assert set().union(*writes.values()) == models | {table} and writes["ingest.merge"] == {table}
    reached, size = {table}, 0
    while size < len(reached):
        size = len(reached)
        reached |= set().union(*(writes[task] for task, names in reads.items() if names & reached))
    assert reached == models | {table}
    for asset in {asset for task in dag.tasks for asset in (*task.inlets, *task.outlets)}:
        named = convert_asset_to_openlineage(asset, None)
        assert (named.namespace, named.name) == ("bigquery", asset.uri.removeprefix("bigquery://").replace("/", "."))
    for node in downstream(table).values():
        [task] = [task for task, names in writes.items() if node["name"] in names]
        # The ledger is written with the landing table, in one transaction, and is no asset of its own.
        parents = {i.split(".")[-1] for i in node["depends_on"]["nodes"]} - {LEDGER}
        assert parents <= reads[task] | writes[task] and LEDGER not in reads[task], node["name"]


@pytest.fixture(scope="module")
def downstream():
    """The models downstream of a landing table, by dbt's manifest."""
    manifest = json.loads((REPOSITORY / "include" / "dbt" / "manifest.json").read_text(encoding="utf-8"))

    def models(table: str) -> dict[str, dict]:
        found, waiting = set(), [f"source.eco2mix.odre.{table}"]
        while waiting:
            for child in manifest["child_map"][waiting.pop()]:
                if child.startswith("model.") and child not in found:
                    found.add(child)
                    waiting.append(child)
        return {unique_id: manifest["nodes"][unique_id] for unique_id in found}

    return models


def test_approval_is_asked_where_it_is_switched_on(bag, monkeypatch):
    from laptop.demo import load_dag

    monkeypatch.setenv("ECO2MIX_APPROVAL_ABOVE_DAYS", "60")
    for table, dag in bag.dags.items():
        assert "approve" not in dag.task_dict
        asked = load_dag(table).get_task("approve")
        assert asked.upstream_task_ids == {"window"} and asked.response_timeout
        assert set(load_dag(table).get_task("window").downstream_task_ids) >= {"approve"}
        assert load_dag(table).get_task("ingest.extract").upstream_task_ids >= {"approve"}


def test_a_full_refresh_is_approved_however_many_days_it_has():
    """A threshold above all of history lets every other run pass."""
    given = {"batch_table": "b", "object_prefix": "o", "window": Window(date(2022, 1, 1), date(2022, 1, 9))}
    for kind in ("range", "full_refresh"):
        task = WindowApprovalOperator(
            task_id="approve", table=tables()[0], plan=RunPlan(kind=kind, **given).to_xcom(), above_days=1e6
        )
        if kind == "range":
            assert task.execute({}) is None
            continue
        with pytest.raises(KeyError):  # it asks, for which it needs the run
            task.execute({})
        assert task.subject == "Load the whole history?"
