"""Prepares the processes of `make up`: Airflow imports this module in each of them before it reads its arguments.

Scheduler and triggerer start no log server, because it would listen on all addresses and on a port that a second
Airflow needs too. None is needed: the API server reads the logs of tasks from the same disk.

LocalExecutor forks the process of every task from the scheduler, and the DAG processor forks one for every DAG file.
Modules that the parent has imported need not be imported by each of them: Airflow's providers, Cosmos and the DAGs' own
modules take three seconds of processor time.
"""

import inspect
import sys

__all__ = ()

if sys.argv[1:2] in (["scheduler"], ["triggerer"]):
    sys.argv.append("--skip-serve-logs")

if sys.argv[1:2] in (["scheduler"], ["dag-processor"]):
    import odre.pipeline  # noqa: F401

if sys.argv[1:2] == ["scheduler"]:
    import cosmos.profiles  # noqa: F401
    import dbt.cli.main
    import dbt.task.build  # noqa: F401
    import dbt_common.clients.agate_helper  # noqa: F401
    import openlineage.common.provider.dbt.local  # noqa: F401
    from dbt.adapters.bigquery.credentials import BigQueryCredentials
    from dbt.contracts.project import Configuration, PackageConfig, Project, ProjectFlags
    from dbt.plugins.manager import PluginManager

    from laptop.consoles import hide_console_links
    from laptop.dbt_templates import compile_macros

    hide_console_links()
    # Python looks for the files of all modules when the stack is first inspected, as dbt does in every command, and
    # remembers them: a third of a second of each task.
    inspect.stack()
    # With these schemas dbt checks project and profile. It makes them once in a process: a fifth of a second.
    for checked in (Project, ProjectFlags, Configuration, PackageConfig, BigQueryCredentials):
        checked.json_schema()
    compile_macros()
    # In every command dbt looks for plugins and imports all modules whose names begin with `dbt_`.
    PluginManager.get_prefixed_modules()  # type: ignore[no-untyped-call]
