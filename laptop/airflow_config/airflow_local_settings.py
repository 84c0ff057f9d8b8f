"""What the scheduler of `make up` imports before it runs anything; Airflow imports this module in every process.

LocalExecutor forks the process of every task from the scheduler. What is imported there need not be imported in each:
Airflow's providers, Cosmos and the DAGs' own modules are three seconds of processor time.
"""

import sys

__all__ = ()

if sys.argv[1:2] == ["scheduler"]:
    import dbt.adapters.bigquery
    import dbt.cli.main  # noqa: F401
    import odre.pipeline  # noqa: F401
