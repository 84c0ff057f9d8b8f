"""Éco2mix on Composer: the ODRÉ datasets, from the public API to the dashboard.

One module, one purpose:

- `contract`: what a dataset is, read from its dbt source file;
- `settings`: where this environment keeps things, read from the environment;
- `window`: which local days a run covers;
- `api`: the Explore API client; `canonical`: its exports made into canonical Parquet;
- `extract`: the operator that puts a window into the lake; `statements`: the SQL that loads it;
- `pipeline`: the DAG that strings them together;
- `errors`: what an operator reads when one of them refuses.
"""
