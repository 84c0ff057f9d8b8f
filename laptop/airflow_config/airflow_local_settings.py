"""How the processes of `make up` begin; Airflow imports this module in each before it reads its arguments.

Scheduler and triggerer start no log server: it would listen on all addresses, on a port that a second Airflow wants
too, and the API server reads the logs of tasks from the same disk.

LocalExecutor forks the process of every task from the scheduler. What is imported there need not be imported in each:
Airflow's providers, Cosmos and the DAGs' own modules are three seconds of processor time.
"""

import sys

__all__ = ()

if sys.argv[1:2] in (["scheduler"], ["triggerer"]):
    sys.argv.append("--skip-serve-logs")

if sys.argv[1:2] == ["scheduler"]:
    import dbt.adapters.bigquery
    import dbt.cli.main  # noqa: F401
    import odre.pipeline  # noqa: F401

    from laptop.consoles import hide_console_links

    hide_console_links()
