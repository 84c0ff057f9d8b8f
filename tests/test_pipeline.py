"""The DAGs, run by Airflow on the emulators."""

import pytest

from laptop.warehouse import Warehouse
from tests.tables import MARTS, checksums


@pytest.fixture
def warehouse_of():
    return lambda stack: Warehouse(stack.environment)


def test_windows_add_up_to_the_whole(synthetic_stack, run_dag, warehouse_of):
    """Piece by piece, overlapping and out of order, in an empty warehouse, whichever DAG comes first: the
    tables end as if everything had been loaded once."""
    warehouse = warehouse_of(synthetic_stack)
    for start, end in (("2023-11-10", "2023-12-31"), ("2023-10-20", "2023-11-15")):
        assert run_dag("eco2mix_national_tr", start_date=start, end_date=end)[0] == "success"
    for table in ("temperature_quotidienne_regionale", "stock_quotidien_stockages_gaz"):
        assert run_dag(table, start_date="2023-11-01", end_date="2024-01-01")[0] == "success"
    piecewise = checksums(warehouse)
    assert not [name for name in piecewise if "__batch_" in name]
    assert run_dag("eco2mix_national_tr", start_date="2023-10-20", end_date="2023-12-31")[0] == "success"
    assert checksums(warehouse) == piecewise

    _, maturities = warehouse.query(f"select distinct maturity, date_mix < '2023-11-01' from {MARTS}.daily_merged")
    assert set(maturities) == {("consolidated", True), ("real_time", False)}
    _, [[missing]] = warehouse.query(
        f"select count(*) from {MARTS}.daily_merged where missing_gas_sites = 'Teréga' and stock_gaz is null"
    )
    assert missing == 31  # December: one operator is a month late


def test_a_refused_run_changes_nothing_and_drops_its_batch(synthetic_stack, run_dag, warehouse_of):
    warehouse = warehouse_of(synthetic_stack)
    table = "stock_quotidien_stockages_gaz"
    assert run_dag(table, start_date="2023-11-01", end_date="2023-11-30")[0] == "success"
    warehouse.query(
        f"insert into de_project_staging.{table} (date, pits, source, stock_fin_de_journee) values (date '2020-05-05', 'Saline', 'Storengy', 7)"
    )
    before = checksums(warehouse)
    state, tasks = run_dag(table, start_date="2020-05-01", end_date="2020-05-31")
    assert state == "failed" and tasks["ingest.merge"] == "failed" and tasks["ingest.drop_batch"] == "success"
    assert checksums(warehouse) == before


@pytest.fixture
def jobs(monkeypatch):
    """Configuration of every job that is sent to BigQuery, which the emulator does not keep."""
    from google.cloud._http import JSONConnection

    sent, request = [], JSONConnection.api_request

    def recording(self, *arguments, **options):
        data = options.get("data") or {}
        if options["method"] == "POST" and "configuration" in data:
            sent.append(data["configuration"])
        elif options["path"].endswith("/queries"):
            sent.append({"query": data, "labels": data.get("labels", {})})
        return request(self, *arguments, **options)

    monkeypatch.setattr(JSONConnection, "api_request", recording)
    return sent


def test_every_query_has_labels_and_a_limit_of_what_it_may_cost(synthetic_stack, run_dag, jobs):
    """Loads cost nothing; the provider's operator labels the table they fill."""
    assert run_dag("temperature_quotidienne_regionale", start_date="2023-11-01", end_date="2023-11-02")[0] == "success"
    [load], queries = [job["load"] for job in jobs if "load" in job], [job for job in jobs if "query" in job]
    assert load["destinationTableProperties"]["labels"]["pipeline"] == "eco2mix"
    assert len(queries) > 20 and len(queries) + 1 == len(jobs)
    assert [job for job in queries if job.get("labels", {}).get("pipeline") != "eco2mix"] == []
    assert [job for job in queries if not job["query"].get("maximumBytesBilled")] == []
    # the MERGE writes the ledger and models read it; a run of the schedule asks it once more, when it decides its window
    of_the_ledger = [job for job in queries if "load_ledger" in job["query"]["query"]]
    assert [
        job for job in of_the_ledger if "node" not in job["labels"] and "merge `" not in job["query"]["query"]
    ] == []


def test_an_impossible_range_is_refused_before_anything_else_runs(synthetic_stack, run_dag):
    state, tasks = run_dag("eco2mix_national_tr", start_date="2023-12-02", end_date="2023-12-01")
    assert state == "failed" and tasks["window"] == "failed"
    assert {name for name, result in tasks.items() if result == "success"} == set()


def test_a_dry_run_touches_nothing(synthetic_stack, run_dag, warehouse_of):
    state, tasks = run_dag("eco2mix_national_tr", start_date="2023-12-01", end_date="2023-12-01", dry_run=True)
    assert state == "success" and tasks["window"] == "skipped" and tasks["ingest.extract"] == "skipped"
    assert checksums(warehouse_of(synthetic_stack)) == {}
