"""The extract operator against the replica."""

import io
import json
import urllib.request
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from odre.contract import load_contract
from odre.errors import StorageUnavailable
from odre.extracted import Extracted
from odre.ledger import SET_ASIDE_FIELDS

from laptop.environment import LAKE_BUCKET, PROJECT_ID
from tests.plans import context, plan

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def extract(synthetic_stack):
    from odre.operators.extract import OdreToGCSOperator

    def run(name: str, start: str, end: str, table: str = "eco2mix_national_tr", **options):
        operator = OdreToGCSOperator(
            task_id="extract", table=table, plan=plan(start, end, f"raw/{name}"), bucket_name=LAKE_BUCKET, **options
        )
        result = operator.execute(context())
        client = storage.Client(
            PROJECT_ID, AnonymousCredentials(), client_options={"api_endpoint": synthetic_stack.endpoints.lake}
        )
        blob = client.bucket(LAKE_BUCKET).get_blob(f"raw/{name}-1.parquet")
        return result, blob, pq.read_table(io.BytesIO(blob.download_as_bytes()))

    return run


def test_parquet_and_csv_end_as_the_same_rows(extract):
    # three days of each dataset of the API: consolidated up to 31 October, real time from 1 November
    made = [extract(f, "2023-10-29", "2023-11-02", export_format=f) for f in ("parquet", "csv")]
    (result, _, rows), (_, _, from_csv) = made
    assert rows.equals(from_csv)
    assert result["rows"] == result["expected"] == result["received"] == rows.num_rows
    assert result["segments"] == [
        "eco2mix-national-cons-def 2023-10-29 … 2023-10-31", "eco2mix-national-tr 2023-11-01 … 2023-11-02"]  # fmt: skip
    assert set(rows.column("nature").to_pylist()) == {"Données temps réel", "Données consolidées"}
    days = [str(day) for day in rows.column("date").to_pylist()]
    assert days == sorted(days) and set(days) == {"2023-10-29", "2023-10-30", "2023-10-31", "2023-11-01", "2023-11-02"}


def test_the_object_says_where_it_comes_from(extract):
    result, blob, rows = extract("x", "2023-12-01", "2023-12-01")
    expected = {"dataset_id": "eco2mix-national-tr", "window_start": "2023-12-01", "window_end": "2023-12-01",
                "synthetic": "true", "rows": str(rows.num_rows), "license": "Licence Ouverte v2.0 (Etalab)"}  # fmt: skip
    assert expected.items() <= blob.metadata.items()
    assert "/exports/parquet?" in blob.metadata["source_url"] and blob.metadata["asked_at"].startswith("20")
    assert rows.schema.metadata[b"title"].decode().endswith("(synthetic sample)")
    assert result["unknown_columns"] == ["column_68"]
    assert result["synthetic"] is True and result["object_name"] == "raw/x-1.parquet"


def test_what_was_extracted_travels_through_xcom_unchanged(extract):
    for table in ("eco2mix_national_tr", "temperature_quotidienne_regionale"):
        result, _, rows = extract(table, "2023-12-01", "2023-12-02", table)
        extracted = Extracted.from_xcom(json.loads(json.dumps(result)), table)
        assert extracted.to_xcom() == result and extracted.rows == rows.num_rows
        days = {moment.astimezone(PARIS).date() if isinstance(moment, datetime) else moment
                for moment in (extracted.first, extracted.last)}  # fmt: skip
        assert days == {extracted.window.start, extracted.window.end} == {date(2023, 12, 1), date(2023, 12, 2)}


def test_forecasts_are_rows_but_not_observed(extract):
    result, _, rows = extract("y", "2024-01-02", "2024-01-03")
    assert result["rows"] == 192 and result["observed"] < 60 and rows.column("consommation").null_count > 130


def test_a_history_dataset_that_is_gone_costs_a_warning_and_the_older_days(extract, monkeypatch, caplog):
    contract = load_contract("eco2mix_national_tr").model_copy(update={"history_dataset_id": "eco2mix-gone"})
    monkeypatch.setattr("odre.operators.extract.load_contract", lambda table: contract)
    result, _, rows = extract("gone", "2023-10-29", "2023-11-02")
    assert result["partial"] is True and result["segments"] == ["eco2mix-national-tr 2023-10-29 … 2023-11-02"]
    assert {str(day) for day in rows.column("date").to_pylist()} == {"2023-11-01", "2023-11-02"}
    assert "eco2mix-gone: HTTP 404" in caplog.text


def test_an_object_is_created_once(extract):
    """A second upload under the same name fails, because somebody could be reading the object while it is replaced."""
    extract("once", "2023-12-01", "2023-12-01")
    with pytest.raises(StorageUnavailable, match=r"raw/once-1.parquet exists already, with other content"):
        extract("once", "2023-12-01", "2023-12-02")


def test_an_upload_whose_answer_is_lost_is_not_taken_for_another(extract, monkeypatch):
    upload = storage.Blob.upload_from_filename

    def answer_lost(self, *arguments, **options):
        upload(self, *arguments, **options)
        return upload(self, *arguments, **options)  # as the client does when the answer to the first upload was lost

    monkeypatch.setattr(storage.Blob, "upload_from_filename", answer_lost)
    result, blob, _ = extract("lost", "2023-12-01", "2023-12-01")
    assert (result["generation"], result["md5"]) == (blob.generation, blob.md5_hash)


def test_what_was_set_aside_is_beside_the_object(extract, synthetic_stack):
    control = f"{synthetic_stack.endpoints.api}/_faults"
    body = json.dumps({"kind": "absurd_value"}).encode()
    request = urllib.request.Request(control, body, {"Content-Type": "application/json"}, method="PUT")
    urllib.request.urlopen(request, timeout=10).close()
    result, _, rows = extract("aside", "2023-12-01", "2023-12-03", "stock_quotidien_stockages_gaz")
    assert {str(day) for day in rows.column("date").to_pylist()} == {"2023-12-02", "2023-12-03"}
    [entry] = result["left_out"]
    assert (entry["local_date"], entry["column"], entry["scope"]) == ("2023-12-01", "stock_fin_de_journee", "day")
    assert result["received"] == result["rows"] + result["repeated"] + result["set_aside"] and result["set_aside"]
    assert result["set_aside_uri"] == f"gs://{LAKE_BUCKET}/raw/aside-1-set-aside.parquet"
    path = synthetic_stack.lake_folder / LAKE_BUCKET / "raw" / "aside-1-set-aside.parquet"
    [record] = pq.read_table(path).to_pylist()
    assert set(record) == {field["name"] for field in SET_ASIDE_FIELDS}
    assert record["load_id"] == Extracted.from_xcom(result, "t").load_id and record["value"] in record["row_json"]
