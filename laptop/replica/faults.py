"""Faults that the replica shows on request: those that APIs like ODRÉ's have shown, and worse ones.

`PUT /_faults` with `{"kind": …, "dataset": …, "times": …}` arms a fault for the next `times` exports of a dataset.
Without `dataset` it concerns all datasets, and without `times` it lasts until `DELETE /_faults`. The faults in `TABLES`
change the rows; the faults in `ANSWERS` change the answer as a whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pyarrow as pa
import pyarrow.compute as pc
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from laptop.replica.schemas import Dataset

#: Greater than any measure can be.
ABSURD = 1e18
_SLOW_SECONDS = 3600


@dataclass
class Fault:
    """An armed fault.

    :param kind: a name of `TABLES` or `ANSWERS`.
    :param dataset: ODRÉ dataset id; `None` for every dataset.
    :param times: number of requests that will still get the fault; `None` for all.
    """

    kind: str
    dataset: str | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault {self.kind!r}; known: {', '.join(KINDS)}")

    def strikes(self, dataset: str) -> bool:
        """Whether this request gets the fault. The request is counted."""
        if self.dataset not in (None, dataset) or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


def measure_of(table: pa.Table, dataset: Dataset) -> str:
    """The measure that a fault spoils: the observed column of the dataset. If that is not known, or not in the answer,
    the first column of fractions."""
    fractions = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    return str(next(name for name in (dataset.observed, *fractions) if name in table.column_names))


def _replace(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


def _as_text(table: pa.Table, name: str) -> list[str | None]:
    return [None if v is None else str(v) for v in table[name].to_pylist()]


def _text_at(value: str | None, every: int) -> Callable[[pa.Table, Dataset], pa.Table]:
    def change(table: pa.Table, dataset: Dataset) -> pa.Table:
        name = measure_of(table, dataset)
        texts = [value if n % every == 0 else text for n, text in enumerate(_as_text(table, name))]
        return _replace(table, name, pa.array(texts, pa.string()))

    return change


def _number_as_text(table: pa.Table, dataset: Dataset) -> pa.Table:
    name = measure_of(table, dataset)
    return _replace(table, name, pa.array(_as_text(table, name), pa.string()))


def _conflicting(table: pa.Table, dataset: Dataset) -> pa.Table:
    copy, name = table.slice(0, 1), measure_of(table, dataset)
    other = pc.add(pc.fill_null(pc.cast(copy[name], pa.float64()), 0), 1)
    return pa.concat_tables([table, _replace(copy, name, other.cast(table.schema.field(name).type))])


def _shifted_year(table: pa.Table, dataset: Dataset) -> pa.Table:
    row = table.slice(table.num_rows - 1, 1)
    for name in ("date", "date_heure"):
        if name not in row.column_names:
            continue
        kind = row.schema.field(name).type
        if pa.types.is_timestamp(kind):
            row = _replace(row, name, pa.array([row[name][0].as_py() + timedelta(days=3653)], kind))
        else:
            text = str(row[name][0].as_py())
            later = f"{int(text[:4]) + 10}{text[4:]}"
            row = _replace(row, name, pa.array([later]).cast(kind))
    return pa.concat_tables([table, row])


def _without_key(table: pa.Table, dataset: Dataset) -> pa.Table:
    return table.drop_columns([dataset.key[-1]])


def _renamed(table: pa.Table, dataset: Dataset) -> pa.Table:
    return table.rename_columns([f"{n}_v2" if n == measure_of(table, dataset) else n for n in table.column_names])


def _day_first(table: pa.Table, dataset: Dataset) -> pa.Table:
    texts = [f"{str(d)[8:10]}/{str(d)[5:7]}/{str(d)[:4]}" for d in table["date"].to_pylist()]
    return _replace(table, "date", pa.array(texts))


def _absurd(table: pa.Table, dataset: Dataset) -> pa.Table:
    name = measure_of(table, dataset)
    values = table[name].to_pylist()
    first = next(n for n, value in enumerate(values) if value is not None)
    values[first] = ABSURD
    return _replace(table, name, pa.array(values, pa.float64()))


def _null_measure(table: pa.Table, dataset: Dataset) -> pa.Table:
    name = measure_of(table, dataset)
    return _replace(table, name, pa.nulls(table.num_rows, table.schema.field(name).type))


def _mojibake(table: pa.Table, dataset: Dataset) -> pa.Table:
    for name in table.column_names:
        if pa.types.is_string(table.schema.field(name).type):
            broken = [None if v is None else v.encode().decode("latin-1") for v in table[name].to_pylist()]
            table = _replace(table, name, pa.array(broken, pa.string()))
    return table


TABLES: dict[str, Callable[[pa.Table, Dataset], pa.Table]] = {
    "empty": lambda table, dataset: table.slice(0, 0),
    "fewer_rows": lambda table, dataset: table.slice(0, table.num_rows - 1),
    "missing_key": _without_key,
    "missing_measure": lambda table, dataset: table.drop_columns([measure_of(table, dataset)]),
    "renamed_column": _renamed,
    "new_column": lambda table, dataset: table.append_column("nouvelle_colonne", pa.nulls(table.num_rows, pa.int64())),
    "number_as_text": _number_as_text,
    "text_in_number": _text_at("panne", 7),
    "nd": _text_at("ND", 7),
    "dash": _text_at("-", 7),
    "blank": _text_at("", 7),
    "duplicates_equal": lambda table, dataset: pa.concat_tables([table, table.slice(0, 2)]),
    "duplicates_conflicting": _conflicting,
    "outside_window": _shifted_year,
    "unsorted": lambda table, dataset: table.take(pa.array(range(table.num_rows - 1, -1, -1), pa.int64())),
    "day_first_dates": _day_first,
    "absurd_value": _absurd,
    "null_measure": _null_measure,
    "mojibake": _mojibake,
}


async def _forever(head: bytes = b"") -> AsyncIterator[bytes]:
    yield head
    await asyncio.sleep(_SLOW_SECONDS)


async def _drip(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 16):
        yield body[start : start + 16]
        await asyncio.sleep(0.005)


def _quota(retry_after: bool, shape: str) -> Callable[[bytes, str], Response]:
    def answer(body: bytes, media: str) -> Response:
        later = datetime.now(timezone.utc) + timedelta(seconds=1)
        content = {
            "errorcode": 10002, "reset_time": later.isoformat().replace("+00:00", "Z"), "limit_time_unit": "day",
            "call_limit": 10000, "error": "Too many requests on the domain. Please contact the domain administrator.",
        } if shape == "quota" else {"message": "Too many requests", "error_code": "RateLimit"}  # fmt: skip
        return JSONResponse(content, 429, {"Retry-After": "1"} if retry_after else {})

    return answer


def _status(code: int) -> Callable[[bytes, str], Response]:
    return lambda body, media: HTMLResponse(f"<html><h1>{code}</h1></html>", code)


def _trailer(body: bytes, media: str) -> Response:
    text = b"Streaming interrupted due to the following error: backend lost (error_code: InternalError)"
    return Response(body[: len(body) // 2] + text, media_type=media)


ANSWERS: dict[str, Callable[[bytes, str], Response]] = {
    "http_500": _status(500),
    "http_502": _status(502),
    "http_503": _status(503),
    "http_400": lambda body, media: JSONResponse({"message": "Unknown field", "error_code": "ODSQLError"}, 400),
    "quota_retry_after": _quota(True, "quota"),
    "quota_reset_time": _quota(False, "quota"),
    "rate_limit_retry_after": _quota(True, "message"),
    "html_page": lambda body, media: HTMLResponse("<!doctype html><html><body>Maintenance</body></html>"),
    "error_object": lambda body, media: JSONResponse({"error_code": "InternalError", "message": "An error occurred"}),
    "interrupted_stream": _trailer,
    "cut_off_body": lambda body, media: Response(body[: len(body) // 2], media_type=media),
    "wrong_length": lambda body, media: Response(
        body[: len(body) // 2], media_type=media, headers={"Content-Length": str(len(body))}
    ),
    "garbage": lambda body, media: Response(bytes(range(256)) * 16, media_type=media),
    "read_timeout": lambda body, media: StreamingResponse(_forever(body[:64]), media_type=media),
    "slow_drip": lambda body, media: StreamingResponse(_drip(body), media_type=media),
}

KINDS = (*TABLES, *ANSWERS)
# Faults of the data themselves: the API's count of rows has them too, and so agrees with the export.
AT_SOURCE = ("empty", "duplicates_equal", "duplicates_conflicting", "outside_window")
