"""Airflow's metadata database on a laptop. The demo and `make up` share it, so that the UI shows the demo's runs.

PostgreSQL comes with the package pgserver; where that has no wheel, SQLite takes its place.

    python -m laptop.metadata     in Airflow's environment: bring the database up to date
"""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from types import ModuleType
from typing import ClassVar

from laptop.environment import POOL


class MetadataDatabase:
    """The database of one folder.

    :param state: the stack's folder.
    """

    _started: ClassVar[set[Path]] = set()

    def __init__(self, state: Path) -> None:
        self.sqlite = state / "airflow" / "airflow.db"
        self.postgres = state / "postgres"

    @property
    def running(self) -> bool:
        """Whether its server runs; SQLite has none."""
        return (self.postgres / "postmaster.pid").exists()

    @property
    def has_server(self) -> bool:
        return _pgserver() is not None

    def url(self) -> str:
        """Its SQLAlchemy URL. Starts the server where it does not run."""
        if (pgserver := _pgserver()) is None:
            return f"sqlite:///{self.sqlite}"
        if not self.running:
            self._started.add(self.postgres)
        # the running server is asked, because the socket lies elsewhere when the path is too long for one
        uri: str = pgserver.get_server(self.postgres, cleanup_mode=None).get_uri()
        return uri.replace("postgresql://", "postgresql+psycopg2://", 1)

    def stop(self) -> bool:
        """Stop its server; data stay.

        :returns: whether it ran.
        """
        if (pgserver := _pgserver()) is None or not self.running:
            return False
        pgserver.pg_ctl(["-w", "-m", "fast", "stop"], pgdata=self.postgres, user=_owner(self.postgres))
        return True

    def stop_own(self) -> None:
        """Stop its server if this process has started it. The server is not a descendant of this process, so it would
        live on."""
        if self.postgres in self._started:
            self.stop()
            self._started.discard(self.postgres)

    @classmethod
    def stop_all_own(cls) -> None:
        """Stop every server that this process has started."""
        for folder in list(cls._started):
            cls(folder.parent).stop_own()


def _pgserver() -> ModuleType | None:
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    logging.getLogger("pgserver").setLevel(logging.WARNING)  # its message about the end is not shown
    try:
        import pgserver
    except ImportError:
        return None
    return pgserver


def _owner(folder: Path) -> str | None:
    """The user for PostgreSQL when this process belongs to root, because PostgreSQL refuses to run as root."""
    return folder.owner() if os.geteuid() == 0 else None


def bring_up_to_date() -> None:
    """Make or migrate the tables, make the pool, read the DAGs: three commands of Airflow that share its imports."""
    from airflow.cli.cli_parser import get_parser

    parser = get_parser()
    pool = ["pools", "set", POOL, "1", "writers of the warehouse"]
    for command in (["db", "migrate"], pool, ["dags", "reserialize"]):
        arguments = parser.parse_args(command)
        arguments.func(arguments)


if __name__ == "__main__":
    bring_up_to_date()
