"""Éco2mix on Composer: the ODRÉ datasets, from the public API to the dashboard.

- `contract`: what a dataset is, read from its dbt source file; what that file can say: `contract_fields`,
  `contract_columns`, `contract_measures`, each made of `strict`;
- `settings`: where this environment keeps things, read from environment variables;
- `window`: which local days a run covers; `plan`: what a run decides before it does anything; `loadable`, `trigger`:
  which days can be asked for, and the refusal of others before there is a run;
- `segments`: which dataset of the API answers for which days of a window;
- `hooks`, `operators`: the Airflow hook of the API, and one operator per file;
- `exports`: an export of the API becomes canonical Parquet; `scope`: how much of it a finding concerns; `extracted`:
  what was stored;
- `xcom`: how plans and results travel between tasks;
- `resources`, `ledger`: the landing tables and the two tables beside them; `sql`: the statement that loads them;
- `pipeline`: the DAG that puts these together; `transform`: its dbt part; `lineage`: what dbt's manifests say;
  `assets`: the tables as Airflow shows them;
- `dashboard`: the page made from the marts; `measures`: the measures of the mix, which it shows;
- `errors`, `retrying`, `alerts`, `alone`: what happens when something goes wrong.
"""
