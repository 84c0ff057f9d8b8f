"""Airflow DAG: regional temperatures, refreshed monthly. Everything else is in its contract,
`include/dbt/models/staging/temperature_quotidienne_regionale/_sources.yml`."""

from odre.pipeline import build_dag

dag = build_dag("temperature_quotidienne_regionale")
