"""The HTTP server of the replica: `/api/explore/v2.1/catalog/datasets/…`, answered from tables in memory."""

from __future__ import annotations

import datetime as dt
import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.middleware.base import RequestResponseEndpoint

from laptop.replica import faults, odsql
from laptop.replica.schemas import DATASETS, Dataset, Field

ROOT = "/api/explore/v2.1/catalog/datasets"
_HEADERS = {
    "x-ratelimit-dataset-limit": "50000",
    "x-ratelimit-dataset-remaining": "49999",
    "x-ratelimit-dataset-reset": "2100-01-01 00:00:00+00:00",
}
_MEDIA = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
}


class Catalogue:
    """The tables that are served, and what the catalogue says of them.

    :param tables: rows by dataset id.
    :param synthetic: whether the rows are synthetic, which the catalogue then says.
    :param known: the description of each dataset; has all ids of `tables`.
    """

    def __init__(self, tables: dict[str, pa.Table], synthetic: bool, known: Mapping[str, Dataset] = DATASETS) -> None:
        self.synthetic, self.known = synthetic, known
        self.datasets: dict[str, Dataset] = {}
        self.connection, self.lock = duckdb.connect(), threading.Lock()
        self.connection.execute("set TimeZone = 'UTC'")
        self.publish(tables)

    def publish(self, tables: dict[str, pa.Table]) -> None:
        """Serve these tables from now on, in place of what was served of the same datasets."""
        for name, table in tables.items():
            dataset = self.known[name]
            known = [_as_served(dataset.field(c), table.schema.field(c).type, c) for c in table.column_names]
            if self.synthetic:
                dataset = replace(
                    dataset,
                    title=f"{dataset.title} (synthetic sample)",
                    publisher="Éco2mix on Composer, generator of the synthetic sample",
                    keywords=(*dataset.keywords, "synthetic"),
                )
            # The API does not sort its exports, so rows are stored in an arbitrary order that never changes.
            key = ", ".join(f'cast("{column}" as varchar)' for column in dataset.key or table.column_names)
            with self.lock:
                self.datasets[name] = dataset.with_fields(known)
                self.connection.register(f"{name}__rows", table)
                self.connection.execute(
                    f'create or replace table "{name}" as select * from "{name}__rows" order by hash({key})'
                )
                self.connection.unregister(f"{name}__rows")

    def query(self, sql: str) -> pa.Table:
        with self.lock:
            return self.connection.sql(sql).to_arrow_table()


def _as_served(field: Field | None, kind: pa.DataType, name: str) -> Field:
    kinds = {"string": "text", "large_string": "text", "int64": "int", "double": "double", "date32[day]": "date"}
    served = "datetime" if pa.types.is_timestamp(kind) else kinds.get(str(kind), "text")
    return replace(field, type=served) if field else Field(name, name, served)


def application(
    catalogue: Catalogue,
    sample: Callable[[dict[str, str]], dict[str, pa.Table]] | None = None,
    clock: Callable[[], dt.datetime] | None = None,
) -> FastAPI:
    """The replica as an ASGI application.

    :param sample: returns the datasets at another moment, for `PUT /_now`; `None` when they cannot change.
    :param clock: returns the current moment, which the datasets then follow; `None` when only `PUT /_now` changes it.
    """
    app = FastAPI(title="Replica of the ODRÉ Explore API v2.1", openapi_url=None)
    app.state.requests = []
    app.state.faults = []
    app.state.shown = clock() if clock else None
    going_on = threading.Lock()

    def go_on() -> None:
        """Replace the datasets by those of the current moment."""
        with going_on:
            if clock and sample and app.state.shown and clock() > app.state.shown:
                app.state.shown = clock()
                catalogue.publish(sample({"as_of": app.state.shown.isoformat()}))

    @app.exception_handler(odsql.ODSQLError)
    def _bad_query(request: Request, error: odsql.ODSQLError) -> JSONResponse:
        return JSONResponse({"message": str(error), "error_code": "ODSQLError"}, 400, _HEADERS)

    @app.middleware("http")
    async def _log(request: Request, call_next: RequestResponseEndpoint) -> Response:
        if request.url.path.startswith(ROOT):
            await run_in_threadpool(go_on)
        response = await call_next(request)
        if request.url.path.startswith(ROOT):
            app.state.requests.append(
                {"path": request.url.path, "query": str(request.url.query), "status": response.status_code}
            )
        return response

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/_requests")
    def requests() -> list[dict[str, Any]]:
        return list(app.state.requests)

    @app.delete("/_requests")
    def forget() -> dict[str, str]:
        app.state.requests.clear()
        return {"status": "ok"}

    @app.put("/_faults")
    def arm(fault: dict[str, Any]) -> JSONResponse:
        try:
            app.state.faults.append(faults.Fault(**fault))
        except (TypeError, ValueError) as error:
            return JSONResponse({"message": str(error)}, 400)
        return JSONResponse({"status": "ok"})

    @app.delete("/_faults")
    def disarm() -> dict[str, str]:
        app.state.faults.clear()
        return {"status": "ok"}

    @app.put("/_now")
    def move(now: dict[str, str]) -> JSONResponse:
        """Go on to another moment: `as_of`, and `real_time_start`, the boundary between the éCO2mix datasets."""
        if sample is None:
            return JSONResponse({"message": "real exports have no other moment"}, 409)
        app.state.shown = None  # from now on the moment is set by these requests, and no longer by the clock
        try:
            catalogue.publish(sample(now))
        except (TypeError, ValueError) as error:
            return JSONResponse({"message": str(error)}, 400)
        return JSONResponse({"status": "ok"})

    def described(name: str, found: Dataset) -> dict[str, Any]:
        rows = catalogue.query(f'select count(*) as n from "{name}"')["n"][0].as_py()
        default = {
            "title": found.title, "description": found.description, "publisher": found.publisher,
            "license": found.license, "keyword": list(found.keywords), "records_count": rows,
        }  # fmt: skip
        fields = [asdict(field) for field in found.fields]
        return {"dataset_id": name, "metas": {"default": default}, "fields": fields}

    @app.get(ROOT)
    def datasets(limit: int = 10, offset: int = 0) -> JSONResponse:
        if not 0 <= limit <= 100:
            raise odsql.ODSQLError("Invalid value for limit API parameter: limit must be between 0 and 100")
        page = sorted(catalogue.datasets.items())[offset : offset + limit]
        results = [described(name, found) for name, found in page]
        return JSONResponse({"total_count": len(catalogue.datasets), "results": results}, headers=_HEADERS)

    @app.get(ROOT + "/{name}")
    def dataset(name: str) -> JSONResponse:
        found = catalogue.datasets.get(name)
        return _unknown(name) if found is None else JSONResponse(described(name, found), headers=_HEADERS)

    @app.get(ROOT + "/{name}/records")
    def records(
        name: str, where: str = "", select: str = "", order_by: str = "", limit: int = 10, offset: int = 0
    ) -> JSONResponse:
        found = catalogue.datasets.get(name)
        if found is None:
            return _unknown(name)
        if not -1 <= limit <= 100 or offset + limit >= 10_000:
            raise odsql.ODSQLError("Invalid value for limit API parameter: limit must be between -1 and 100")
        condition = odsql.where(where, found)
        count = catalogue.query(f'select count(*) as n from "{name}" where {condition}')["n"][0].as_py()
        for fault in app.state.faults:
            if fault.kind in faults.AT_SOURCE and fault.dataset in (None, name) and count:
                whole = catalogue.query(f'select * from "{name}" where {condition}')
                count = faults.TABLES[fault.kind](whole, found).num_rows
        order = f"order by {odsql.order_by(order_by, found)}" if order_by else ""
        columns = odsql.select(select, found) if select else "*"
        rows = catalogue.query(
            f'select {columns} from "{name}" where {condition} {order} limit {limit} offset {offset}'
        )
        return JSONResponse({"total_count": count, "results": _plain(rows)}, headers=_HEADERS)

    @app.get(ROOT + "/{name}/exports/{file_format}")
    def export(
        name: str, file_format: str, where: str = "", select: str = "", order_by: str = "", limit: int = -1,
        use_labels: bool = False, delimiter: str = ";", with_bom: bool = True, parquet_compression: str = "snappy",
    ) -> Response:  # fmt: skip
        found = catalogue.datasets.get(name)
        if found is None:
            return _unknown(name)
        if file_format not in _MEDIA:
            return JSONResponse(
                {"message": f"Unknown format: {file_format}", "error_code": "InvalidRESTParameterError"}, 400
            )
        condition = odsql.where(where, found)
        order = f"order by {odsql.order_by(order_by, found)}" if order_by else ""
        columns = odsql.select(select, found) if select else "*"
        rows = catalogue.query(
            f'select {columns} from "{name}" where {condition} {order}' + (f" limit {limit}" if limit >= 0 else "")
        )
        kinds = [fault.kind for fault in app.state.faults if fault.strikes(name)]
        for kind in kinds:
            rows = faults.TABLES[kind](rows, found) if kind in faults.TABLES else rows
        if use_labels:
            labels = {f.name: f.label for f in found.fields}
            rows = rows.rename_columns([labels.get(c, c) for c in rows.column_names])
        body = _body(rows, file_format, delimiter, with_bom, parquet_compression)
        for kind in kinds:
            if kind in faults.ANSWERS:
                return faults.ANSWERS[kind](b"".join(body), _MEDIA[file_format])
        return StreamingResponse(body, headers=_HEADERS, media_type=_MEDIA[file_format])

    return app


def _unknown(name: str) -> JSONResponse:
    return JSONResponse({"message": f"Unknown dataset: {name}", "error_code": "DatasetNotFound"}, 404, _HEADERS)


def _texts(rows: pa.Table) -> pa.Table:
    """Instants as ODRÉ writes them in text formats: ISO 8601 with an offset."""
    for position, field in enumerate(rows.schema):
        if pa.types.is_timestamp(field.type):
            text = pa.compute.strftime(rows[field.name].cast(pa.timestamp("s", "UTC")), "%Y-%m-%dT%H:%M:%S+00:00")
            rows = rows.set_column(position, field.name, text)
        elif pa.types.is_date(field.type):
            rows = rows.set_column(position, field.name, rows[field.name].cast(pa.string()))
    return rows


def _plain(rows: pa.Table) -> list[dict[str, Any]]:
    return list(_texts(rows).to_pylist())


def _body(rows: pa.Table, file_format: str, delimiter: str, with_bom: bool, compression: str) -> Iterator[bytes]:
    if file_format == "parquet":
        buffer = io.BytesIO()
        pq.write_table(rows, buffer, compression=compression, row_group_size=1 << 17)
        buffer.seek(0)
        while chunk := buffer.read(1 << 20):
            yield chunk
    elif file_format == "csv":
        if with_bom:
            yield b"\xef\xbb\xbf"
        options = pyarrow.csv.WriteOptions(delimiter=delimiter, quoting_style="needed")
        plain = _texts(rows)
        for number, batch in enumerate(plain.to_batches(max_chunksize=1 << 15) or [None]):
            buffer = io.BytesIO()
            part = plain.slice(0, 0) if batch is None else pa.Table.from_batches([batch])
            options.include_header = number == 0
            pyarrow.csv.write_csv(part, buffer, options)
            yield buffer.getvalue()
    else:
        opening, between, closing = (b"[", b",", b"]") if file_format == "json" else (b"", b"\n", b"\n")
        yield opening
        for number, row in enumerate(_plain(rows)):
            yield (between if number else b"") + json.dumps(row, ensure_ascii=False).encode()
        yield closing
