"""Refuses, with BigQuery's own errors, what BigQuery is documented to refuse and bqemulator 1.4.0 accepts.

`install` puts these rules around bqemulator's application, in its own process:

- **Expiry in the past.** Creating a table with an `expirationTime` in the past answers 400, "Expiration time must be at
  least 1 seconds in the future" (terraform-google-modules/terraform-google-bigquery, issue 147).
- **Expired tables are gone.** "Expired tables will be deleted and their storage reclaimed"
  (https://cloud.google.com/bigquery/docs/reference/rest/v2/tables, `expirationTime`); an update to an instant in the
  past deletes the table too (googleapis/nodejs-bigquery, issue 838).
- **Partition filters.** See `partition_filter`. The error is "Cannot query over table '…' without a filter over
  column(s) '…' that can be used for partition elimination" (dbt-labs/dbt-bigquery, issue 792).
- **Labels of a load's table.** "If the table already exists and labels are different than the current labels are
  provided, the job will fail" (https://cloud.google.com/bigquery/docs/reference/rest/v2/Job,
  `destinationTableProperties.labels`), which is where `GCSToBigQueryOperator(labels=…)` writes them.
- **A second job with the same id.** Inserting a job whose id is taken answers 409, "Already Exists: Job …"
  (https://cloud.google.com/bigquery/docs/running-jobs#generate-jobid).
- **Loads into a table that does not exist.** With `CREATE_NEVER` "a 'notFound' error is returned in the job result"
  (the same page, `createDisposition`).
- **Views in place of tables, and tables in place of views.** See `replacing`.
- **Queries that fail.** `jobs.query`, which answers with the rows, answers an error with its HTTP status
  (https://cloud.google.com/bigquery/docs/error-messages). The emulator answers 200 and no row, so the client would see
  an empty table.

The emulator cannot read columns before `as select`, so these are taken out of the statement. It forgets a table's
`expirationTime`, its `requirePartitionFilter` and much of what `create table` declares, so these are kept in its
catalog (see `ddl`). It writes columns that an update of the schema adds into its catalog only, so they are added to the
table here (https://cloud.google.com/bigquery/docs/managing-table-schemas). Its lists of tables lack the labels that
BigQuery's have (https://cloud.google.com/bigquery/docs/reference/rest/v2/tables/list).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import bqemulator.server
from bqemulator.api.dependencies import AppContext
from bqemulator.api.routes import jobs, tables
from bqemulator.catalog.models import Clustering, JobMeta, TableMeta, TableSchema, TimePartitioning
from bqemulator.domain.errors import AlreadyExistsError, DomainError, InvalidQueryError, ValidationError
from bqemulator.storage.sql_identifiers import quoted_table_ref
from bqemulator.storage.type_map import bq_schema_to_duckdb_columns
from sqlglot.errors import ParseError, TokenError
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from laptop.edge.ddl import declared_tables, labels_of_views, without_columns
from laptop.edge.partition_filter import unbounded_tables
from laptop.edge.replacing import drop_view, refuse_another_kind

_TABLE_WRITES = ("POST", "PATCH", "PUT")


def install() -> None:
    """Put the rules around the application that bqemulator builds when it starts."""
    build = bqemulator.server.create_app

    def create_app(context: AppContext) -> Starlette:
        app: Starlette = build(context)
        app.add_middleware(TableRules, context=context)
        return app

    bqemulator.server.create_app = create_app
    jobs.execute_query_job = _with_partition_filters(jobs.execute_query_job)
    jobs.execute_load_job = _with_load_rules(jobs.execute_load_job)
    tables._table_to_rest = _with_what_is_kept(tables._table_to_rest)
    tables._table_to_list_item = _with_labels(tables._table_to_list_item)


class TableRules(BaseHTTPMiddleware):
    """Applies the expiry of tables, refuses jobs whose ids are taken, and keeps the properties of tables that the
    emulator would forget."""

    def __init__(self, app: ASGIApp, context: AppContext) -> None:
        super().__init__(app)
        self.context = context

    async def dispatch(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        await self._drop_expired()
        if request.method == "POST" and request.url.path.endswith("/jobs"):
            taken = self._taken(request.url.path, json.loads(await request.body() or b"{}"))
            return taken or await call_next(request)
        if request.method == "POST" and request.url.path.endswith("/queries"):
            return await _error_as_status(await call_next(request))
        place = _place(request.url.path)
        if place and request.method == "DELETE" and await drop_view(place, self.context):
            return Response(status_code=HTTPStatus.NO_CONTENT)
        if place is None or request.method not in _TABLE_WRITES:
            return await call_next(request)
        project, dataset, name = place
        body = json.loads(await request.body() or b"{}")
        if not name:
            name = body.get("tableReference", {}).get("tableId", "")
            if _expiry(body) and _expiry(body) < self.context.clock.now() + timedelta(seconds=1):
                return _answer(ValidationError("Expiration time must be at least 1 seconds in the future"))
        before = self.context.catalog.get_table(project, dataset, name)
        response = await call_next(request)
        if response.status_code < 300:
            self._keep(project, dataset, name, body, before)
            if before and before.table_type == "TABLE":
                await self._add_columns((project, dataset, name), before)
        return response

    def _taken(self, path: str, body: dict[str, Any]) -> Response | None:
        """The refusal of a job whose id another job has."""
        project, job = path.split("/")[-2], (body.get("jobReference") or {}).get("jobId")
        if job is None or self.context.catalog.get_job(project, job) is None:
            return None
        return _answer(AlreadyExistsError(f"Already Exists: Job {project}:US.{job}"))

    async def _add_columns(self, place: tuple[str, str, str], before: TableMeta) -> None:
        """Add to the table the columns that an update has added. The emulator adds them to its catalog only."""
        known, table = {field.name for field in before.schema_.fields}, self.context.catalog.get_table(*place)
        added = [tables._field_to_rest(field) for field in table.schema_.fields if field.name not in known]
        async with self.context.engine.write_lock():
            for column, kind in bq_schema_to_duckdb_columns(added):
                self.context.engine.execute(f'ALTER TABLE {quoted_table_ref(*place)} ADD COLUMN "{column}" {kind}')

    def _keep(self, project: str, dataset: str, name: str, body: dict[str, Any], before: TableMeta | None) -> None:
        """Write the expiry and the partition filter of a request into the catalog. What the request does not mention is
        left as it was."""
        table = self.context.catalog.get_table(project, dataset, name)
        expires = _expiry(body) if "expirationTime" in body else before and before.expiration_time
        update: dict[str, Any] = {"expiration_time": expires}
        if table.time_partitioning and "requirePartitionFilter" in body:
            required = {"require_partition_filter": bool(body["requirePartitionFilter"])}
            update["time_partitioning"] = table.time_partitioning.model_copy(update=required)
        self.context.catalog.update_table(table.model_copy(update=update))

    async def _drop_expired(self) -> None:
        catalog, now = self.context.catalog, self.context.clock.now()
        for table in _tables(self.context):
            if table.expiration_time and table.expiration_time <= now:
                place = (table.project_id, table.dataset_id, table.table_id)
                async with self.context.engine.write_lock():
                    self.context.engine.execute(f"DROP TABLE IF EXISTS {quoted_table_ref(*place)}")
                    catalog.delete_table(*place)


def _tables(context: AppContext) -> list[TableMeta]:
    """Every table and view of every dataset."""
    catalog = context.catalog
    return [t for d in catalog.list_all_datasets() for t in catalog.list_tables(d.project_id, d.dataset_id)]


def _place(path: str) -> tuple[str, str, str] | None:
    """Project, dataset and table of the path of `tables.insert` (no table), `get`, `patch` or `update`."""
    parts = path.strip("/").split("/")
    if len(parts) not in (7, 8) or parts[2::2][:3] != ["projects", "datasets", "tables"]:
        return None
    return parts[3], parts[5], parts[7] if len(parts) == 8 else ""


def _expiry(body: dict[str, Any]) -> datetime | None:
    milliseconds = body.get("expirationTime")
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None


def _answer(error: DomainError) -> JSONResponse:
    return JSONResponse(error.to_bigquery_error(), error.http_status)


def _with_what_is_kept(render: Callable[[TableMeta], dict[str, Any]]) -> Callable[[TableMeta], dict[str, Any]]:
    def table_to_rest(table: TableMeta) -> dict[str, Any]:
        rendered = render(table)
        if table.expiration_time:
            rendered["expirationTime"] = str(int(table.expiration_time.timestamp() * 1000))
        if table.time_partitioning and table.time_partitioning.require_partition_filter:
            rendered["requirePartitionFilter"] = True
        if table.table_type == "VIEW" and table.view_query:
            rendered["view"] = {"query": table.view_query, "useLegacySql": False}
        return rendered

    return table_to_rest


def _with_labels(render: Callable[[TableMeta], dict[str, Any]]) -> Callable[[TableMeta], dict[str, Any]]:
    def table_to_list_item(table: TableMeta) -> dict[str, Any]:
        return render(table) | {"labels": table.labels}

    return table_to_list_item


async def _error_as_status(answer: Any) -> Response:
    """The answer of `jobs.query`, turned into an HTTP error when the statement failed.

    :param answer: the emulator's answer, which is streamed.
    """
    body = b"".join([part async for part in answer.body_iterator])
    if answer.status_code == HTTPStatus.OK and (errors := json.loads(body).get("errors")):
        status = HTTPStatus.NOT_FOUND if errors[0].get("reason") == "notFound" else HTTPStatus.BAD_REQUEST
        return JSONResponse({"error": {"code": status, "message": errors[0]["message"], "errors": errors}}, status)
    return Response(body, answer.status_code, dict(answer.headers))


def _with_partition_filters(execute: Callable[..., Awaitable[JobMeta]]) -> Callable[..., Awaitable[JobMeta]]:
    async def execute_query_job(
        project_id: str, job_id: str, sql: str, parameters: Any, context: AppContext, **options: Any
    ) -> JobMeta:
        _refuse_unbounded(project_id, sql, context)
        if creates := "create" in sql.lower():
            refuse_another_kind(project_id, sql, context)
        sent = without_columns(sql) if creates else sql
        job = await execute(project_id, job_id, sent, parameters, context, **options)
        if creates and not job.error_result:
            _keep_declared(project_id, sql, context)
        return job

    return execute_query_job


def _refuse_unbounded(project: str, sql: str, context: AppContext) -> None:
    """Refuse a statement that reads a table without the partition filter that the table requires.

    :raises InvalidQueryError: `sql` is such a statement.
    """
    every = _tables(context)
    required = {
        _full_name(table): table.time_partitioning.field or "_PARTITIONTIME"
        for table in every
        if table.time_partitioning and table.time_partitioning.require_partition_filter
    }
    views = {_full_name(table): table.view_query for table in every if table.table_type == "VIEW" and table.view_query}
    names = {name.rpartition(".")[2] for name in (*required, *views)}
    if not required or not any(name in sql for name in names):
        return
    try:
        found = unbounded_tables(sql, project, required, views)
    except (ParseError, TokenError):
        return  # the emulator uses the same parser, and will report the error
    for table, column in found:
        raise InvalidQueryError(
            f"Cannot query over table '{table}' without a filter over column(s) '{column}' "
            "that can be used for partition elimination",
            location="query",
        )


def _keep_declared(project: str, sql: str, context: AppContext) -> None:
    """Write into the catalog the properties of a `create table` or `create view` that the emulator forgets."""
    for place, labels in labels_of_views(sql, project):
        if view := context.catalog.get_table(*place):
            context.catalog.update_table(view.model_copy(update={"labels": labels}))
    for declared in declared_tables(sql, project):
        if table := context.catalog.get_table(*declared.place):
            partitioning = TimePartitioning(
                type=declared.granularity,
                field=declared.partition_column,
                require_partition_filter=declared.requires_filter,
            )
            columns = tuple(
                field.model_copy(update={"description": declared.descriptions.get(field.name, field.description)})
                for field in table.schema_.fields
            )
            update: dict[str, Any] = {"labels": declared.labels, "schema_": TableSchema(fields=columns)}
            update["time_partitioning"] = partitioning if declared.partition_column else None
            update["clustering"] = Clustering(fields=declared.cluster_by) if declared.cluster_by else None
            context.catalog.update_table(table.model_copy(update=update))


def _full_name(table: TableMeta) -> str:
    return f"{table.project_id}.{table.dataset_id}.{table.table_id}"


def _with_load_rules(execute: Callable[..., Awaitable[JobMeta]]) -> Callable[..., Awaitable[JobMeta]]:
    async def execute_load_job(project_id: str, job_id: str, config: dict[str, Any], context: AppContext) -> JobMeta:
        if error := _load_refusal(project_id, config["load"], context):
            return jobs._failed_job_meta(project_id, job_id, "LOAD", config, error, context.clock.now())
        return await execute(project_id, job_id, config, context)

    return execute_load_job


def _load_refusal(project_id: str, load: dict[str, Any], context: AppContext) -> dict[str, str] | None:
    """The error with which BigQuery would refuse this load; `None` when it would not."""
    to = load["destinationTable"]
    project = to.get("projectId", project_id)
    table = context.catalog.get_table(project, to["datasetId"], to["tableId"])
    name = f"{project}:{to['datasetId']}.{to['tableId']}"
    if table is None:
        if load.get("createDisposition") == "CREATE_NEVER":
            return {"reason": "notFound", "message": f"Not found: Table {name}"}
        return None
    labels = (load.get("destinationTableProperties") or {}).get("labels")
    if labels is not None and labels != table.labels:
        return {
            "reason": "invalid",
            "message": f"Labels {json.dumps(labels, sort_keys=True)} of the load differ from those of table {name}: "
            + json.dumps(table.labels, sort_keys=True),
        }
    return None
