"""Regional temperatures. Everything else is in the contract,
`include/dbt/models/staging/temperature_quotidienne_regionale/_sources.yml`."""

from airflow.sdk import DAG
from odre.pipeline import build_dag

dag: DAG = build_dag("temperature_quotidienne_regionale")
