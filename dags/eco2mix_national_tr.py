"""Airflow DAG: national electricity mix, refreshed hourly. Everything else is in its contract,
`include/dbt/models/staging/eco2mix_national_tr/_sources.yml`."""

from odre.pipeline import build_dag

dag = build_dag("eco2mix_national_tr")
