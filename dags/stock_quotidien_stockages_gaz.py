"""Airflow DAG: gas in storage per site, refreshed daily. Everything else is in its contract,
`include/dbt/models/staging/stock_quotidien_stockages_gaz/_sources.yml`."""

from odre.pipeline import build_dag

dag = build_dag("stock_quotidien_stockages_gaz")
