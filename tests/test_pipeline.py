"""The DAGs, run by Airflow on the emulators."""

import duckdb
import pytest
from laptop.warehouse import Warehouse
from odre.contract import tables

MARTS = "de_project_development"


def checksums(warehouse) -> dict[str, tuple]:
    """Row count and a checksum of every row, for every table of the warehouse."""
    found = {}
    for dataset in ("de_project_staging", MARTS):
        for item in warehouse.client.list_tables(dataset):
            name = f"{dataset}.{item.table_id}"
            sql = f"select count(*), bit_xor(farm_fingerprint(to_json_string(t))) from `{name}` as t"
            found[name] = warehouse.query(sql)[1][0]
    return found


@pytest.fixture
def warehouse_of():
    return lambda stack: Warehouse(stack.environment)


def test_real_exports_end_in_daily_merged(real_stack, real_exports, run_dag, warehouse_of):
    """Every figure of December 2021 equals DuckDB's, straight from the files."""
    for table in tables():
        state, tasks = run_dag(table, full_refresh=True)
        assert state == "success", tasks
    warehouse = warehouse_of(real_stack)
    _, [row] = warehouse.query(
        f"select count(*), sum(ConsommationMW) * 24, sum(NucleaireMW) * 24, sum(GazMW) * 24, sum(EolienMW) * 24, "
        f"sum(HydrauliqueMW) * 24, sum(EchphysiquesMW) * 24, avg(TauxdeCO2gkWh), countif(not is_mix_complete) "
        f"from {MARTS}.daily_merged where date_mix between '2021-12-01' and '2021-12-31'"
    )
    csv = str(real_exports / "eco2mix-national-tr_2021-12_labels.csv")
    independent = duckdb.sql(
        f"""select sum("Consommation (MW)") / 4, sum("Nucléaire (MW)") / 4, sum("Gaz (MW)") / 4, sum("Eolien (MW)") / 4,
        sum("Hydraulique (MW)") / 4, sum("Ech. physiques (MW)") / 4, avg("Taux de CO2 (g/kWh)")
        from read_csv('{csv}', delim=';', header=true)"""
    ).fetchall()[0]
    assert row[0] == 31 and row[-1] == 0
    assert row[1:-1] == pytest.approx(independent, rel=1e-9)
    # RTE's published figures for the month, TWh
    assert [round(v / 1e6, 3) for v in row[1:7]] == [48.346, 31.403, 4.736, 4.052, 5.117, 1.985]

    gas = str(real_exports / "stock-quotidien-stockages-gaz_asof-2022-12.csv")
    per_day = dict(
        duckdb.sql(f"select date, sum(stock_fin_de_journee) from read_csv('{gas}', delim=';') group by date").fetchall()
    )
    _, stocks = warehouse.query(f"select gas_day, stock_gwh from {MARTS}.int_gas_storage_daily")
    assert dict(stocks) == pytest.approx(per_day, rel=1e-12)
    assert max(per_day.items())[1] == pytest.approx(133_049.83, abs=0.01)

    temperatures = str(real_exports / "temperature-quotidienne-regionale_asof-2025-11.parquet")
    means = dict(duckdb.sql(f"select date, avg(tmoy) from '{temperatures}' group by date").fetchall())
    _, merged = warehouse.query(f"select date_mix, TMoydegC, stock_gaz from {MARTS}.daily_merged")
    for day, mean, stock in merged:
        assert mean == pytest.approx(means[day], abs=1e-9)
        assert stock == (pytest.approx(per_day[day], rel=1e-12) if day in per_day else None)

    # the two days of September 2023 are not whole, and say so
    _, partial = warehouse.query(f"select is_mix_complete from {MARTS}.daily_merged where date_mix > '2022-01-01'")
    assert partial == [(False,), (False,)]

    before = checksums(warehouse)
    for table in reversed(tables()):
        assert run_dag(table, full_refresh=True)[0] == "success"
    assert run_dag("eco2mix_national_tr", start_date="2021-12-10", end_date="2021-12-12")[0] == "success"
    assert checksums(warehouse) == before


def test_windows_add_up_to_the_whole(synthetic_stack, run_dag, warehouse_of):
    """Month by month, overlapping and out of order, in an empty warehouse, whichever DAG comes first: the
    tables end as if everything had been loaded once."""
    warehouse = warehouse_of(synthetic_stack)
    for start, end in (("2023-12-01", "2023-12-31"), ("2023-10-20", "2023-11-15"), ("2023-11-10", "2023-12-05")):
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


def test_an_impossible_range_is_refused_before_anything_else_runs(synthetic_stack, run_dag):
    state, tasks = run_dag("eco2mix_national_tr", start_date="2023-12-02", end_date="2023-12-01")
    assert state == "failed" and tasks["window"] == "failed"
    assert {name for name, result in tasks.items() if result == "success"} == set()


def test_a_dry_run_touches_nothing(synthetic_stack, run_dag, warehouse_of):
    state, tasks = run_dag("eco2mix_national_tr", start_date="2023-12-01", end_date="2023-12-01", dry_run=True)
    assert state == "success" and tasks["window"] == "skipped" and tasks["ingest.extract"] == "skipped"
    assert checksums(warehouse_of(synthetic_stack)) == {}
