"""Gas in storage per site. Everything else is in the contract,
`include/dbt/models/staging/stock_quotidien_stockages_gaz/_sources.yml`."""

from airflow.sdk import DAG
from odre.pipeline import build_dag

dag: DAG = build_dag("stock_quotidien_stockages_gaz")
