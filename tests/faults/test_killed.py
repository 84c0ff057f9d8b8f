"""Processes that die, services that are gone, disks that are full: after a retry the landing table is what the source
says, and no batch is left. What an operator reads is in `tests.faults.services`."""

from __future__ import annotations

import io
import json
import os
import resource
import urllib.request

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from odre.extracted import Extracted

from laptop.demo import load_dag
from laptop.environment import LAKE_BUCKET, PROJECT_ID
from laptop.stack import Stack
from tests.faults.arming import down, impatient, kill_at, marking, marking_when_asked, wait_until
from tests.faults.landed import FIRST, GAS, LAST, MIX, SAMPLE, Landed, source_rows
from tests.faults.run import TASKS, IngestRun, TaskDied, TaskFailed
from tests.faults.services import DISK_FULL, LAKE_DOWN, OBJECT_CHANGED, OBJECT_GONE, WAREHOUSE_DBT, WAREHOUSE_LONG
from tests.tables import MARTS, checksums, leave_work_for_landing_tables


@pytest.fixture(scope="module")
def stack(tmp_path_factory, airflow_home):
    options = ("--start", SAMPLE["start"], "--real-time-start", SAMPLE["real_time_start"])
    with (
        pytest.MonkeyPatch.context() as patch,
        Stack(state=tmp_path_factory.mktemp("killed"), usual_ports=False, replica_options=options) as stack,
    ):
        for name, value in stack.environment.items():
            if name != "AIRFLOW_HOME":
                patch.setenv(name, value)
        yield stack


@pytest.fixture(scope="module")
def dags(stack):
    import dbt.adapters.bigquery
    import dbt.cli.main  # noqa: F401 - once, for all the processes that fork from this one

    return {table: load_dag(table) for table in (GAS, MIX)}


@pytest.fixture
def run(stack, dags, tmp_path, request):
    """A run that is yet to begin."""

    def begin(table: str = GAS, name: str | None = None) -> IngestRun:
        return IngestRun(dags[table], name or f"{request.node.name}-{table}", FIRST, LAST, tmp_path)

    return begin


@pytest.fixture(scope="module")
def expected() -> dict[str, set]:
    """The window's rows as the source has them."""
    return source_rows(SAMPLE["real_time_start"])


@pytest.fixture
def landed(stack):
    return Landed(stack)


HOOK = "airflow.providers.google.cloud.hooks.bigquery.BigQueryHook"
BOUNDARIES = [
    ("landing_tables", f"{HOOK}.create_table", "before"),
    ("landing_tables", f"{HOOK}.create_table", "after"),
    ("landing_tables", f"{HOOK}.update_table_schema", "after"),
    ("extract", "odre.hooks.explore.ExploreHook.count", "before"),
    ("extract", "odre.hooks.explore.ExploreHook.export", "after"),
    ("extract", "google.cloud.storage.Blob.upload_from_filename", "before"),
    ("extract", "google.cloud.storage.Blob.upload_from_filename", "after"),
    ("load", f"{HOOK}.create_table", "before"),
    ("load", f"{HOOK}.create_table", "after"),
    ("load", f"{HOOK}.insert_job", "before"),
    ("load", f"{HOOK}.insert_job", "after"),
    ("load", "google.cloud.bigquery.job.LoadJob.result", "after"),
    ("merge", f"{HOOK}.insert_job", "before"),
    ("merge", f"{HOOK}.insert_job", "after"),
    ("merge", "google.cloud.bigquery.job.QueryJob.result", "after"),
    ("drop_batch", f"{HOOK}.delete_table", "before"),
    ("drop_batch", f"{HOOK}.delete_table", "after"),
]


@pytest.mark.parametrize(("task", "target", "when"), BOUNDARIES, ids=lambda part: part.split(".")[-1])
def test_a_task_killed_at_any_boundary_is_tried_again(task, target, when, run, landed, expected):
    this = run()
    this.up_to(task)
    if task == TASKS[0]:
        this.task(task)
        leave_work_for_landing_tables(landed.client)
    with pytest.raises(TaskDied, match="SIGKILL"):
        this.task(task, kill_at(target, when))
    this.finish(task)
    assert landed.rows(GAS) == expected[GAS] and landed.batches() == []
    landed.spoil(GAS)


WAREHOUSE_TASKS = WAREHOUSE_LONG.tasks


def test_the_warehouse_is_down_at_every_step(stack, run, landed, expected, tmp_path):
    """An outage is waited out by Google's client; one longer than its patience fails the task, whose retry goes on."""
    short = {task: run(name=f"short-{task}") for task in WAREHOUSE_TASKS}
    long = {task: run(name=f"long-{task}") for task in WAREHOUSE_TASKS}
    for task in WAREHOUSE_TASKS:
        short[task].up_to(task)
        long[task].up_to(task)
    marks = {task: tmp_path / f"{task}.waiting" for task in WAREHOUSE_TASKS}
    with down(stack.services["warehouse"]):
        for task in WAREHOUSE_TASKS:
            with pytest.raises(TaskFailed, match=WAREHOUSE_LONG.says):
                long[task].task(task, impatient())
        started = [short[task].start(task, marking(marks[task])) for task in WAREHOUSE_TASKS]
        wait_until(lambda: all(mark.exists() for mark in marks.values()))
    for task, process in zip(WAREHOUSE_TASKS, started, strict=True):
        short[task].wait(process)
        if task != "drop_batch":
            short[task].finish(TASKS[TASKS.index(task) + 1])
        long[task].finish(task)
    assert landed.rows(GAS) == expected[GAS] and landed.batches() == []


@pytest.mark.parametrize("moment", ["asked", "writing"])
@pytest.mark.parametrize("task", ["load", "merge"])
def test_the_warehouse_is_killed_in_the_middle(task, moment, stack, run, landed, expected, tmp_path):
    """Killed while it works on the job, or when it has begun to write: the job is done or not, never half."""
    this = run(MIX)
    this.up_to(task)
    mark, files = tmp_path / "asked", stack.warehouse_folder
    before = {path: path.stat().st_size for path in files.rglob("*") if path.is_file()}
    process = this.start(task, marking_when_asked(mark))
    wait_until(mark.exists)
    if moment == "writing":
        wait_until(lambda: {path: path.stat().st_size for path in files.rglob("*") if path.is_file()} != before)
    with down(stack.services["warehouse"]):
        pass
    try:
        this.wait(process)
        this.finish(TASKS[TASKS.index(task) + 1])
    except TaskFailed as failure:
        print(f"tried again after: {failure}")
        this.finish(task)
    assert landed.rows(MIX) == expected[MIX] and landed.batches() == []
    landed.spoil(MIX)


def test_the_lake_is_down_at_the_upload(stack, run, landed, expected):
    this = run()
    this.up_to("extract")
    with down(stack.services["lake"]), pytest.raises(TaskFailed, match=LAKE_DOWN.says):
        this.task("extract", impatient())
    this.finish("extract")
    assert landed.rows(GAS) == expected[GAS] and landed.batches() == []


@pytest.mark.parametrize("fault", [OBJECT_GONE, OBJECT_CHANGED], ids=["gone", "changed"])
def test_the_object_is_not_the_one_that_was_extracted(fault, stack, run, landed, expected):
    """Rows, types and keys of the other object are those of the first, so no count could tell."""
    this = run()
    this.up_to("load")
    landed.spoil(GAS)
    spoilt, name = landed.rows(GAS), this.results["ingest.extract"]["object_name"]
    path = stack.lake_folder / LAKE_BUCKET / name
    table = pq.read_table(path)
    bucket = storage.Client(PROJECT_ID, AnonymousCredentials(), client_options={"api_endpoint": stack.endpoints.lake})
    blob = bucket.bucket(LAKE_BUCKET).blob(name)
    blob.delete()
    if fault is OBJECT_CHANGED:
        wrong = pa.array([99_999.0] * table.num_rows)
        place = table.column_names.index("stock_fin_de_journee")
        other = io.BytesIO()
        pq.write_table(table.set_column(place, table.schema.field(place), wrong), other)
        blob.upload_from_string(other.getvalue())
    with pytest.raises(TaskFailed, match=fault.says):
        this.task("load", impatient())
    assert landed.rows(GAS) == spoilt
    this.finish("extract")
    assert landed.rows(GAS) == expected[GAS] and landed.batches() == []


def test_what_was_set_aside_is_recorded_once_whatever_became_of_its_first_job(stack, run, landed):
    """A job that has failed keeps its name, so the next one needs another; one that has succeeded is not run again."""
    control = f"{stack.endpoints.api}/_faults"
    body, kind = b'{"kind": "absurd_value"}', {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(control, body, kind, method="PUT"), timeout=10).close()
    this = run()
    this.up_to("load")
    urllib.request.urlopen(urllib.request.Request(control, method="DELETE"), timeout=10).close()
    uri = this.results["ingest.extract"]["set_aside_uri"]
    there, gone = (stack.lake_folder / f"{uri.removeprefix('gs://')}{end}" for end in ("", ".gone"))
    there.rename(gone)
    for _ in range(2):
        with pytest.raises(TaskFailed, match="set-aside"):
            this.task("load", impatient())
    gone.rename(there)
    for _ in range(2):
        this.task("load")
    load = Extracted.from_xcom(this.results["ingest.extract"], GAS).load_id
    _, rows = landed.client.query(f"select reason from de_project_staging.set_aside where load_id = '{load}'")
    assert len(rows) == 1
    this.task("drop_batch")


def test_a_batch_table_that_an_earlier_try_has_left_lives_as_long_as_a_new_one(run, landed):
    this = run()
    this.up_to("load")
    lives = []
    for _ in range(2):
        this.task("load")
        [batch] = landed.batches()
        lives.append(landed.client.client.get_table(f"de_project_staging.{batch}").expires)
    assert lives[0] < lives[1]
    this.task("drop_batch")


@pytest.mark.parametrize("room", [8_000, 60_000], ids=["export", "canonical file"])
def test_the_disk_is_full(room, run, landed, expected):
    """Files of this process may have so many bytes: the system refuses to write more, as on a full disk."""
    this = run(MIX)
    this.up_to("extract")

    def fill() -> None:
        silence = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(silence, stream)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    with pytest.raises(TaskFailed, match=DISK_FULL.says):
        this.task("extract", fill)
    this.finish("extract")
    assert landed.rows(MIX) == expected[MIX] and landed.batches() == []


def test_dbt_without_a_warehouse_and_dbt_killed(stack, run, landed):
    """After a retry the model is what it was before."""
    staging, model = "dbt.stg_stock_quotidien_stockages_gaz_model_build", "dbt.int_gas_storage_daily_model_build"
    this = run()
    this.finish("landing_tables")
    with down(stack.services["warehouse"]), pytest.raises(TaskFailed, match=WAREHOUSE_DBT.says):
        this.task(staging)
    this.task(staging)
    this.task(model)
    built = checksums(landed.client)[f"{MARTS}.int_gas_storage_daily"]
    assert built[0] == 21
    landed.client.query(f"delete from {MARTS}.int_gas_storage_daily where true")
    with pytest.raises(TaskDied, match="SIGKILL"):
        this.task(model, kill_at("dbt.adapters.bigquery.connections.BigQueryConnectionManager.execute", "before", 1))
    this.task(model)
    assert checksums(landed.client)[f"{MARTS}.int_gas_storage_daily"] == built


def test_the_boundary_moves_and_never_back(stack, run, landed, expected):
    """Consolidated days replace real-time ones; when the consolidated dataset loses them again, they stay."""

    def move(boundary: str) -> None:
        url, body = f"{stack.endpoints.api}/_now", json.dumps({"real_time_start": boundary}).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="PUT")
        urllib.request.urlopen(request, timeout=60).close()

    later = source_rows("2023-11-25")[MIX]
    assert later != expected[MIX]
    run(MIX, "before").finish("landing_tables")
    assert landed.rows(MIX) == expected[MIX]
    move("2023-11-25")
    run(MIX, "moved").finish("landing_tables")
    assert landed.rows(MIX) == later
    move(SAMPLE["real_time_start"])
    run(MIX, "back").finish("landing_tables")
    assert landed.rows(MIX) == later and landed.batches() == []
