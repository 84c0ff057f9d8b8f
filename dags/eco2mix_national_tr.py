"""National electricity mix. Everything else is in the contract,
`include/dbt/models/staging/eco2mix_national_tr/_sources.yml`."""

from airflow.sdk import DAG
from odre.pipeline import build_dag

dag: DAG = build_dag("eco2mix_national_tr")
