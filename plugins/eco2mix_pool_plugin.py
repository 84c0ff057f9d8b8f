"""Creates the pools that serialise writers of the warehouse, when a run begins that needs a pool which does not exist.

A task whose pool does not exist is never queued: the run would wait for ever, and only the scheduler's log would say
why. The pools are created by a listener, because it runs in the scheduler, which may create pools; tasks may not. A
pool that exists is left as it is, however many slots it has.

Composer 3 loads no plugins in its scheduler (https://docs.cloud.google.com/composer/docs/composer-3/install-plugins),
so this listener works on a laptop and in containers only. On Composer `terraform apply` creates all pools.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

SLOTS = 1
DESCRIPTION = "writers of the warehouse"
_log = logging.getLogger(__name__)


class PoolsOfWriters:
    """A listener that Airflow calls when a run begins."""

    @hookimpl
    def on_dag_run_running(self, dag_run: Any, msg: str) -> None:
        """Create the missing pools of this run's tasks: `ECO2MIX_WAREHOUSE_POOL`, and the pools of the marts, whose
        names begin with that name (`odre.settings.Settings.mart_pool`)."""
        from airflow.models.pool import Pool
        from sqlalchemy import insert, select
        from sqlalchemy.exc import IntegrityError
        from sqlalchemy.orm import object_session

        name = os.environ.get("ECO2MIX_WAREHOUSE_POOL")
        session = object_session(dag_run)
        if not name or session is None:
            return
        used = {task.pool for task in dag_run.get_task_instances(session=session)}
        needed = {pool for pool in used if pool == name or pool.startswith(f"{name}_")}
        missing = needed - set(session.scalars(select(Pool.pool).where(Pool.pool.in_(needed))))
        connection = session.connection()
        for pool in sorted(missing):
            values = {"pool": pool, "slots": SLOTS, "description": DESCRIPTION, "include_deferred": False}
            try:
                # A savepoint of the connection, because the scheduler forbids its sessions to commit here.
                with connection.begin_nested():
                    connection.execute(insert(Pool).values(**values))
            except IntegrityError:
                continue  # another scheduler has created it meanwhile
            _log.warning("pool %s did not exist and has been created, with %s slot", pool, SLOTS)


class Eco2mixPoolPlugin(AirflowPlugin):
    """Registers the listener."""

    name = "eco2mix_pool"
    listeners = [PoolsOfWriters()]  # noqa: RUF012 - Airflow declares it as an instance's variable
