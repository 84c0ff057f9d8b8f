"""Prepares the processes of `make up`: Airflow imports this module in each of them before it reads its arguments.

Scheduler and triggerer start no log server, because it would listen on all addresses and on a port that a second
Airflow needs too. None is needed: the API server reads the logs of tasks from the same disk.

LocalExecutor forks the process of every task from the scheduler. Modules that the scheduler has imported need not be
imported by each task: Airflow's providers, Cosmos and the DAGs' own modules take three seconds of processor time.
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
