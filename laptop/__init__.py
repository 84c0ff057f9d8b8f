"""What runs on a laptop only: emulators, a replica of the API, and the commands of the Makefile. Nothing here is
deployed, and the pipeline imports nothing from here. This package sets the environment variables that the pipeline
reads.

- `service`: one background process with its port, log, health check and process group;
- `environment`: the environment variables that point the pipeline at this stack;
- `stack`: the emulators and the replica together; `python -m laptop.stack --help`; `emulator`, `edge`: what is added to
  the BigQuery emulator;
- `replica`: the API replica; `demo`, `query`: what `make demo` and `make query` run;
- `airflow`, `airflow_config`, `dbt_templates`: Airflow with its UI, `make up`;
- `scaffold`: a new dataset from the API's catalogue, `make dataset`;
- `manifest`, `measure_columns`, `contract_reference`: what is generated from the dbt project and from the fields of a
  contract; `dbt_rules`: the house rules of the dbt project;
- `bench`: the benchmarks.
"""
