"""Makes the pool of the warehouse's writers when a run begins that needs the pool and the pool does not exist.

A task whose pool does not exist is never queued, and Airflow says so in the scheduler's log only, so the run would wait
for ever. A listener makes the pool, because it runs in the scheduler, which may create pools; tasks may not. A pool
that exists is left as it is, however many slots it has.
"""

from __future__ import annotations

import logging
import os
from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

SLOTS = 1
_log = logging.getLogger(__name__)


class PoolOfWriters:
    """A listener that Airflow calls when a run begins."""

    @hookimpl
    def on_dag_run_running(self, dag_run: Any, msg: str) -> None:
        """Make the pool that `ECO2MIX_WAREHOUSE_POOL` names when a task of `dag_run` needs it and it does not exist."""
        from airflow.models.pool import Pool
        from sqlalchemy import insert, select
        from sqlalchemy.exc import IntegrityError
        from sqlalchemy.orm import object_session

        name = os.environ.get("ECO2MIX_WAREHOUSE_POOL")
        session = object_session(dag_run)
        if (
            not name
            or session is None
            or all(task.pool != name for task in dag_run.get_task_instances(session=session))
        ):
            return
        if session.scalar(select(Pool.id).where(Pool.pool == name)) is not None:
            return
        pool = {"pool": name, "slots": SLOTS, "description": "writers of the warehouse", "include_deferred": False}
        connection = session.connection()
        try:
            # A savepoint of the connection, because the scheduler forbids its sessions to commit here.
            with connection.begin_nested():
                connection.execute(insert(Pool).values(**pool))
        except IntegrityError:
            return  # another scheduler has made it meanwhile
        _log.warning("pool %s was not there and has been made, with %s slot", name, SLOTS)


class Eco2mixPoolPlugin(AirflowPlugin):
    """Registers the listener."""

    name = "eco2mix_pool"
    listeners = [PoolOfWriters()]  # noqa: RUF012 - Airflow declares it as an instance's variable
