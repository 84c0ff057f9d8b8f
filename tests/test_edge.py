"""The emulator refuses what BigQuery is documented to refuse, with BigQuery's errors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from unittest import mock

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound
from google.cloud import bigquery

from laptop.environment import DATASETS, PROJECT_ID
from laptop.stack import Stack
from laptop.warehouse import Warehouse

STAGING, MARTS = (f"{PROJECT_ID}.{DATASETS[kind]}" for kind in ("STAGING", "DEVELOPMENT"))
LANDING = f"`{STAGING}.filtered`"
YEAR = "date between date '2023-01-01' and date '2023-12-31'"


def expiring(name: str, after: timedelta) -> bigquery.Table:
    table = bigquery.Table(f"{STAGING}.{name}", [bigquery.SchemaField("a", "INT64")])
    table.expires = datetime.now(timezone.utc) + after
    return table


@pytest.fixture(scope="module")
def filtered(warehouse):
    """A warehouse with an empty landing table that asks for a filter, and views over it."""
    warehouse.create_landing("eco2mix_national_tr", "filtered")
    columns = "date as local_date, heure, consommation"
    warehouse.query(
        f"create view `{MARTS}.renamed` as with source as (select * from {LANDING}) select {columns} from source"
    )
    warehouse.query(f"create view `{MARTS}.nested` as select *, 1 as one from `{MARTS}.renamed`")
    warehouse.query(f"create table `{MARTS}.other` as select date '2023-01-01' as day, 1 as value")
    return warehouse


def test_numeric_has_nine_digits_after_the_point_and_sums_of_it_are_exact(warehouse):
    values = "unnest([0.1, 0.2, 0.3, 123456789.123456789])"
    _, [row] = warehouse.query(
        f"select cast(cast(sum(cast(x as numeric)) as string) as string), cast(avg(cast(x as numeric)) as float64) from {values} as x"
    )
    assert row[0].startswith("123456789.7234567") and row[1] == pytest.approx(30864197.430864197, abs=1e-6)


def test_a_table_that_would_expire_in_the_past_is_refused(warehouse):
    with pytest.raises(BadRequest, match="Expiration time must be at least 1 seconds in the future") as refusal:
        warehouse.client.create_table(expiring("past", -timedelta(days=1)))
    assert refusal.value.errors[0]["reason"] == "invalid"
    with pytest.raises(NotFound):
        warehouse.client.get_table(f"{STAGING}.past", retry=None)


def test_an_expired_table_is_gone_for_every_call(warehouse):
    warehouse.client.create_table(expiring("kept", timedelta(days=1)))
    table = warehouse.client.create_table(expiring("expired", timedelta(days=1)))
    assert warehouse.client.get_table(table).expires - datetime.now(timezone.utc) > timedelta(hours=23)
    table.description = "an update of something else leaves the expiry alone"
    table = warehouse.client.update_table(table, ["description"])
    assert warehouse.client.get_table(table).expires is not None
    table.expires = datetime.now(timezone.utc) - timedelta(seconds=1)
    warehouse.client.update_table(table, ["expires"])

    for call in (
        lambda: warehouse.client.get_table(table, retry=None),
        lambda: warehouse.query(f"select * from `{STAGING}.expired`"),
    ):
        with pytest.raises(NotFound, match=r"(?i)not found"):
            call()
    assert {"kept"} == {item.table_id for item in warehouse.client.list_tables(STAGING)} & {"kept", "expired"}


def test_expiry_and_filter_outlive_the_emulator(scratch):
    """The catalog keeps them, so that a restart of the stack revives and opens nothing."""
    stack = Stack(state=scratch / "restarted", usual_ports=False, api="http://127.0.0.1:9")
    try:
        first = Warehouse(stack.up())
        first.client.create_table(expiring("restarted", timedelta(days=1)))
        first.create_landing("eco2mix_national_tr")
        stack.down()
        second = Warehouse(stack.up())
        assert second.client.get_table(f"{STAGING}.restarted").expires is not None
        assert second.client.get_table(f"{STAGING}.eco2mix_national_tr").require_partition_filter
    finally:
        stack.reset()


@pytest.mark.parametrize(
    "sql",
    [
        f"select * from {LANDING} where {YEAR}",
        f"select * from {LANDING} where date > date_sub(current_date('Europe/Paris'), interval 8 day) and heure = '00:00'",
        f"select * from {LANDING} where date_trunc(date, month) in (date '2023-11-01', date '2023-12-01')",
        f"select * from {LANDING} where date is null or date is not null",
        f"select * from {LANDING} as a inner join `{MARTS}.other` as b on a.{YEAR} and a.date = b.day",
        f"select * from `{MARTS}.other` as b left join {LANDING} as a on a.{YEAR} and a.date = b.day",
        f"with a as (select * from {LANDING}), b as (select date as d, heure from a) select count(*) from b where d = '2023-01-01'",
        f"select (select count(*) from {LANDING} where {YEAR}) as n, (select max(date) from {LANDING} where {YEAR}) as d",
        f"select * from (select date, count(*) as n from {LANDING} group by date) where {YEAR}",
        f"select * from (select date from {LANDING} union all select day from `{MARTS}.other`) where {YEAR}",
        f"select count(*) from `{MARTS}.nested` where local_date = '2023-01-01'",
        f"delete from {LANDING} where {YEAR}",
        f"delete from {LANDING} as UPPER where upper.Date > '2023-01-01'",
        f"merge {LANDING} as t using `{MARTS}.other` as s on false when not matched by source and t.{YEAR} then delete",
        f"update {LANDING} as t set heure = 'x' where t.{YEAR}",
        f"insert into {LANDING} (date) select day from `{MARTS}.other`",
        f"merge {LANDING} as t using `{MARTS}.other` as s on t.{YEAR} and t.date = s.day when not matched then insert (date) values (s.day)",
        f"merge `{MARTS}.other` as t using (select * from {LANDING} where {YEAR}) as s on t.day = s.date when matched then delete",
        f"create or replace view `{MARTS}.unasked` as select * from {LANDING}",
    ],
)
def test_a_filter_on_the_partition_column_is_enough(filtered, sql):
    filtered.query(sql)


def test_a_second_job_of_one_name_is_refused(warehouse):
    name = f"a_job_{datetime.now(timezone.utc):%H%M%S%f}"
    assert list(warehouse.client.query("select 1", job_id=name, job_retry=None).result())
    with pytest.raises(Conflict, match=f"Already Exists: Job .*{name}"):
        warehouse.client.query("select 2", job_id=name, job_retry=None)


@pytest.mark.parametrize(
    "sql",
    [
        f"select count(*) from {LANDING}",
        f"select * from {LANDING} where heure = '00:00'",
        f"select * from {LANDING} where {YEAR} or heure = '00:00'",
        f"select * from {LANDING} where mod(extract(day from date), 3) = 0",
        f"select * from {LANDING} where date = (select max(day) from `{MARTS}.other`)",
        f"select * from {LANDING} as a inner join `{MARTS}.other` as b on a.date = b.day",
        f"select * from {LANDING} as a left join `{MARTS}.other` as b on a.{YEAR} and a.date = b.day",
        f"select * from `{MARTS}.other` as b where b.day = '2023-01-01' and exists (select 1 from {LANDING} as a where a.date = b.day)",
        f"with a as (select * from {LANDING}) select * from a where {YEAR} union all select * from a",
        f"select * from (select * from {LANDING} limit 10) where {YEAR}",
        f"select * from (select heure, max(date) as date from {LANDING} group by heure) where {YEAR}",
        f"select * from (select date, row_number() over (partition by heure order by date) as n from {LANDING}) where {YEAR}",
        f"select count(*) from `{MARTS}.nested` where heure = '00:00'",
        f"create table `{MARTS}.copy` as select * from {LANDING}",
        f"merge {LANDING} as t using `{MARTS}.other` as s on false when not matched by source then delete",
        f"select 1; delete from {LANDING} where heure = '00:00'",
        f"merge {LANDING} as t using `{MARTS}.other` as s on t.date = s.day when not matched then insert (date) values (s.day)",
        f"merge `{MARTS}.other` as t using (select * from {LANDING}) as s on t.day = s.date and s.{YEAR} when matched then delete",
    ],
)
def test_a_read_without_a_filter_on_the_partition_column_is_refused(filtered, sql):
    says = f"Cannot query over table '{STAGING}.filtered' without a filter over column\\(s\\) 'date'"
    with pytest.raises(BadRequest, match=says) as refusal:
        filtered.query(sql)
    assert refusal.value.errors[0]["reason"] == "invalidQuery"


def test_the_filter_is_asked_for_no_more_once_the_table_says_so(warehouse):
    name = warehouse.create_landing("eco2mix_national_tr", "relaxed")
    with pytest.raises(BadRequest, match="Cannot query over table"):
        warehouse.query(f"select * from `{name}`")
    table = warehouse.client.get_table(name)
    assert table.require_partition_filter
    table.require_partition_filter = False
    warehouse.client.update_table(table, ["require_partition_filter"])
    assert warehouse.query(f"select * from `{name}`")[1] == []


def test_what_create_table_declares_is_kept(warehouse):
    warehouse.query(
        f"""create table `{MARTS}.declared` (day date, name string) partition by date_trunc(day, month) cluster by name
        options (require_partition_filter = true, labels = [('pipeline', 'eco2mix')])"""
    )
    table = warehouse.client.get_table(f"{MARTS}.declared")
    assert (table.time_partitioning.field, table.time_partitioning.type_) == ("day", "MONTH")
    assert table.clustering_fields == ["name"] and table.labels == {"pipeline": "eco2mix"}
    with pytest.raises(BadRequest, match=r"filter over column\(s\) 'day'"):
        warehouse.query(f"select * from `{MARTS}.declared`")


def test_a_table_may_declare_its_columns_before_its_query(warehouse):
    """This is how dbt writes every table whose contract is enforced."""
    warehouse.query(
        f"""create or replace table `{MARTS}`.`columns` (
            a int64 not null options (description="one (1) \\"quoted\\""), b string
        ) partition by range_bucket(a, generate_array(0, 9, 1)) options (description='''a (table)''')
        as (select 7 as a, 'create table x (y int64) as select' as b); select 1"""
    )
    assert warehouse.query(f"select a from `{MARTS}.columns`")[1] == [(7,)]
    assert warehouse.client.get_table(f"{MARTS}.columns").schema[0].description == 'one (1) "quoted"'
    warehouse.query(f"create or replace table `{MARTS}.columns` options (description='b') as (select 8 as c)")
    warehouse.query(f"create or replace table `{MARTS}.empty` (a int64)")
    assert warehouse.query(f"select a from `{MARTS}.empty`")[1] == []


def run_load(table: str, labels: dict[str, str]) -> None:
    """Run the real operator with the pipeline's options."""
    from airflow.providers.google.cloud.transfers.gcs_to_bigquery import GCSToBigQueryOperator

    operator = GCSToBigQueryOperator(
        task_id="load", bucket="eco2mix-lake", source_objects=["edge/one.parquet"], source_format="PARQUET",
        destination_project_dataset_table=f"{STAGING}.{table}", schema_fields=[{"name": "a", "type": "INT64"}],
        autodetect=False, create_disposition="CREATE_NEVER", write_disposition="WRITE_TRUNCATE", labels=labels,
        project_id=PROJECT_ID, location="EU",
    )  # fmt: skip
    instance = mock.Mock(task_id="load", dag_id="edge", run_id="edge", map_index=-1, try_number=1, stats_tags={})
    operator.execute({"ti": instance, "task_instance": instance, "task": operator, "logical_date": None})


@pytest.fixture
def lake_object(warehouse, airflow_home, monkeypatch):
    """A Parquet file of one row in the lake, and the environment of the operators."""
    import io

    import pyarrow as pa
    import pyarrow.parquet as pq
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    for name, value in warehouse.environment.items():
        if not name.startswith("AIRFLOW_HOME"):
            monkeypatch.setenv(name, value)
    written = io.BytesIO()
    pq.write_table(pa.table({"a": [7]}), written)
    bucket = storage.Client(PROJECT_ID, AnonymousCredentials()).bucket("eco2mix-lake")
    bucket.blob("edge/one.parquet").upload_from_string(written.getvalue())


def test_the_load_operator_fails_when_its_labels_are_not_the_tables(warehouse, lake_object):
    table = bigquery.Table(f"{STAGING}.labelled", [bigquery.SchemaField("a", "INT64")])
    table.labels = {"pipeline": "eco2mix"}
    warehouse.client.create_table(table)
    with pytest.raises(Exception, match="of the load differ from those of table"):
        run_load("labelled", {"pipeline": "eco2mix", "dataset": "other"})
    assert warehouse.query(f"select * from `{STAGING}.labelled`")[1] == []
    run_load("labelled", {"pipeline": "eco2mix"})
    assert warehouse.query(f"select * from `{STAGING}.labelled`")[1] == [(7,)]


def test_the_load_operator_fails_when_its_table_has_expired(warehouse, lake_object):
    table = warehouse.client.create_table(expiring("batch", timedelta(days=1)))
    table.expires = datetime.now(timezone.utc) - timedelta(seconds=1)
    warehouse.client.update_table(table, ["expires"])
    with pytest.raises(Exception, match=f"Not found: Table {PROJECT_ID}:"):
        run_load("batch", {})


def test_tables_that_are_listed_at_the_same_time_keep_their_rows(warehouse):
    """The emulator runs such calls in threads, and alone it gives one the rows of another."""
    for name in ("here", "there"):
        warehouse.query(
            f"create or replace table `{STAGING}.{name}` as "
            f"select '{name}' as a, number from unnest(generate_array(1, 3000)) as number"
        )

    def listed(name: str) -> set[str]:
        return {row["a"] for row in warehouse.client.list_rows(warehouse.client.get_table(f"{STAGING}.{name}"))}

    names = ["here", "there"] * 20
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(listed, names)) == [{name} for name in names]


@pytest.mark.parametrize(("stands", "wanted"), [("view", "table"), ("table", "view")])
def test_a_view_is_not_replaced_by_a_table_nor_a_table_by_a_view(warehouse, stands, wanted):
    name = f"{MARTS}.a_{stands}"
    warehouse.query(f"create {stands} `{name}` as select 1 as one")
    warehouse.query(f"create or replace {stands} `{name}` as select 2 as one")
    with pytest.raises(
        BadRequest, match=f"is not allowed for this operation because it is currently a {stands.upper()}"
    ):
        warehouse.query(f"create or replace {wanted} `{name}` as select 3 as one")
    assert warehouse.query(f"select one from `{name}`")[1] == [(2,)]


def test_a_view_is_deleted(warehouse):
    name = f"{MARTS}.deleted"
    warehouse.query(f"create view `{name}` as select 1 as one")
    warehouse.client.delete_table(name, retry=None)
    with pytest.raises(NotFound):
        warehouse.client.get_table(name, retry=None)
    warehouse.query(f"create table `{name}` as select 2 as one")
    assert warehouse.query(f"select one from `{name}`")[1] == [(2,)]


def test_a_query_that_fails_answers_its_rows_with_an_error(warehouse):
    """As BigQuery's `jobs.query` does: the client takes an answer with status 200 for a table without rows."""
    client = warehouse.client
    with pytest.raises(NotFound, match="nowhere"):
        client.query_and_wait(f"select 1 from `{PROJECT_ID}.de_project_staging.nowhere`")
    with pytest.raises(BadRequest):
        client.query_and_wait("select error('no')")
    assert [tuple(row) for row in client.query_and_wait("select 1 as one")] == [(1,)]
