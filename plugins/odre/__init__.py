"""Éco2mix on Composer: the ODRÉ datasets, from the public API to the dashboard.

- `contract`: what a dataset is, read from its dbt source file; what that file can say: `contract_fields`,
  `contract_columns`, `contract_measures`, each made of `strict`;
- `settings`: where this environment keeps things, read from environment variables;
- `window`: which local days a run covers; `plan`: what a run decides before it does anything;
- `segments`: which dataset of the API answers for which days of a window;
- `hooks`, `operators`: the Airflow hook of the API, and one operator per file;
- `exports`: an export of the API becomes canonical Parquet; `extracted`: what was stored;
- `xcom`: how plans and results travel between tasks;
- `sql`: the statement that loads them;
- `pipeline`: the DAG that puts these together; `transform`: its dbt part;
- `dashboard`: the page made from the marts;
- `errors`, `retrying`, `alerts`: what happens when something goes wrong.
"""
