"""Airflow's metadata database on a laptop. The demo and `make up` share it, so that the UI shows the demo's runs.

PostgreSQL comes with the package pgserver; on platforms for which that has no wheel, SQLite is used.

    python -m laptop.metadata     brings the database up to date; needs Airflow's environment variables
"""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import warnings
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import psutil

from laptop.environment import POOL
from laptop.service import StackError


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
        """Whether its server runs; SQLite has none. A server that was killed leaves its pid file behind, and another
        process may have that pid by now, so the name of the process is compared too."""
        try:
            process = psutil.Process(int((self.postgres / "postmaster.pid").read_text().split(None, 1)[0]))
            return "postgres" in process.name()
        except (OSError, ValueError, IndexError, psutil.Error):
            return False

    @property
    def has_server(self) -> bool:
        return _pgserver() is not None

    def url(self) -> str:
        """Its SQLAlchemy URL. Starts the server where it does not run.

        :raises StackError: the server did not start.
        """
        if (pgserver := _pgserver()) is None:
            return f"sqlite:///{self.sqlite}"
        if not self.running:
            self._started.add(self.postgres)
        # The running server knows where its socket is. It is in another folder when the path is too long for a socket.
        try:
            server = pgserver.get_server(self.postgres, cleanup_mode=None)
        except subprocess.SubprocessError:
            raise StackError(f"Airflow's database did not start → see {self.postgres / 'log'}") from None
        # Whoever connects is superuser, and other users may enter the folder of a socket that is not in our own folder.
        server.get_postmaster_info().socket_path.chmod(0o600)
        uri: str = server.get_uri()
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
    logging.getLogger("pgserver").setLevel(logging.CRITICAL)  # this module reports failures itself
    try:
        pgserver = import_module("pgserver")
    except ImportError:
        return None
    pgserver.postgres_server.pg_ctl = _start
    pgserver.postgres_server.ensure_prefix_permissions = let_others_through
    return pgserver


def _start(arguments: list[str], **options: Any) -> str:
    """Run `pg_ctl` with the folder of the socket quoted, because `pg_ctl` passes it to a shell. pgserver does not quote
    it, so PostgreSQL would not start in a folder whose path has a space."""
    folder = "-k "
    quoted = [folder + shlex.quote(a.removeprefix(folder)) if a.startswith(folder) else a for a in arguments]
    return str(import_module("pgserver").pg_ctl(quoted, **options))


def let_others_through(path: Path) -> None:
    """Let PostgreSQL reach a folder: when this process belongs to root, PostgreSQL runs as another user. pgserver's own
    function would also let everybody list all folders above it."""
    for folder in path.parents:
        mode = folder.stat().st_mode & 0o7777
        if mode & 0o011 != 0o011:
            folder.chmod(mode | 0o011)


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
