"""A real Airflow beside the embedded stack: scheduler, DAG processor, triggerer and API server with the
UI, on loopback, with LocalExecutor and PostgreSQL.

    python -m laptop.airflow up [--unpause] | down

PostgreSQL comes with the package pgserver; where that has no wheel, SQLite takes its place.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from laptop.environment import POOL, REPOSITORY, write_environment
from laptop.processes import interruptible
from laptop.service import Service, StackError, free_port
from laptop.stack import STATE, Stack

_USUAL_PORT = 8080
_READY = ("metadatabase", "scheduler", "dag_processor", "triggerer")
USER = "admin"


class AirflowServer:
    """`airflow standalone` on a stack that is up.

    :param stack: the stack; its environment is Airflow's.
    :param port: preferred port of the UI; any free one when it is taken, or 0.
    :param say: called with each line of progress.
    """

    def __init__(self, stack: Stack, port: int = _USUAL_PORT, say: Callable[[str], None] = lambda line: None) -> None:
        self.stack, self.preferred, self.say = stack, port, say
        self.home = stack.state / "airflow"
        self.postgres = stack.state / "postgres"
        known = Service("airflow", (), 0, "/", stack.state / "services").recorded()
        self.port = known["port"] if known else None
        self._database_is_ours = False

    def __enter__(self) -> AirflowServer:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    @property
    def url(self) -> str:
        """Address of the UI."""
        return f"http://localhost:{self.port}"

    @property
    def password(self) -> str:
        """Password of the user `admin`, made by Airflow at its first start."""
        return str(json.loads(self._passwords.read_text())[USER])

    @property
    def _passwords(self) -> Path:
        return self.home / "simple_auth_manager_passwords.json"

    @property
    def environment(self) -> dict[str, str]:
        """The stack's variables and those that make it a server."""
        secret = self.home / "secret"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_urlsafe(64))
        stack = self.stack.environment
        return stack | {
            "PYTHONPATH": f"{stack['PYTHONPATH']}:{Path(__file__).with_name('airflow_config')}",
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__SECRET_KEY": secret.read_text(),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API_AUTH__JWT_SECRET": secret.read_text(),
            # a laptop that does other things too
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "180",
            # The SQL of all marts of a subject, which the UI shows; Airflow would cut it after 4,096 characters.
            "AIRFLOW__CORE__MAX_TEMPLATED_FIELD_LENGTH": "200000",
            "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "180",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self._passwords),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self._database,
        }

    @property
    def _database(self) -> str:
        if (pgserver := _pgserver()) is None:
            return f"sqlite:///{self.home / 'airflow.db'}"
        # asks for the running server: where a path is too long for a socket, it lies elsewhere
        uri: str = pgserver.get_server(self.postgres, cleanup_mode=None).get_uri()
        return uri.replace("postgresql://", "postgresql+psycopg2://", 1)

    def up(self) -> None:
        """Start everything and wait until all parts report that they are healthy.

        :raises StackError: a part did not start; the message ends with the last log lines.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        if (pgserver := _pgserver()) is not None:
            began = time.monotonic()
            self._database_is_ours = not self._postmaster.exists()
            pgserver.get_server(self.postgres, cleanup_mode=None)
            self.say(f"{'postgres':<10} {self.postgres}  ({time.monotonic() - began:.1f} s)")
        began = time.monotonic()
        self.port = self.port or free_port(self.preferred)
        environment = self.environment
        write_environment(self.stack.state / "env", {k: v for k, v in environment.items() if k != "PATH"})
        service = self._service(environment)
        if service.running() and service.healthy():
            self.say(f"{'airflow':<10} already runs at {self.url}")
            return
        service.stop()
        self._airflow("db", "migrate")
        self._airflow("pools", "set", POOL, "1", "writers of the warehouse")
        service.start()
        while missing := [part for part in _READY if self._health().get(part, {}).get("status") != "healthy"]:
            if not service.running() or time.monotonic() - began > 180:
                tail = service.log_tail()
                service.stop()
                raise StackError(f"Airflow's {', '.join(missing)} did not get ready\n{tail}")
            time.sleep(0.5)
        self._airflow("dags", "reserialize")
        self.say(f"{'airflow':<10} {self.url}  ({time.monotonic() - began:.1f} s)")

    def down(self) -> list[str]:
        """Stop Airflow and its database.

        :returns: names of what was stopped.
        """
        stopped = ["airflow"] if self._service({}).stop(patience=30) else []
        return [*stopped, *(["postgres"] if self._stop_database() else [])]

    def stop_own_database(self) -> None:
        """Stop PostgreSQL if this object has started it. It is no descendant of this process."""
        if self._database_is_ours:
            self._stop_database()

    @property
    def _postmaster(self) -> Path:
        return self.postgres / "postmaster.pid"

    def _stop_database(self) -> bool:
        if (pgserver := _pgserver()) is None or not self._postmaster.exists():
            return False
        pgserver.pg_ctl(["-w", "-m", "fast", "stop"], pgdata=self.postgres, user=_owner(self.postgres))
        return True

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask Airflow's REST API as `admin`.

        :param path: below `/api/v2`.
        :raises urllib.error.HTTPError: the API refused.
        """
        return self._request(method, f"/api/v2{path}", body, {"Authorization": f"Bearer {self.token()}"})

    def token(self) -> str:
        """A token of the user `admin`, for the header `Authorization: Bearer`."""
        credentials = {"username": USER, "password": self.password}
        return str(self._request("POST", "/auth/token", credentials)["access_token"])

    def unpause(self) -> None:
        """Let the scheduler run every DAG."""
        self.call("PATCH", "/dags?dag_id_pattern=%25", {"is_paused": False})

    def _request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"} | (headers or {}),
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def _health(self) -> dict[str, Any]:
        try:
            return dict(self._request("GET", "/api/v2/monitor/health"))
        except (OSError, ValueError):
            return {}

    def _service(self, environment: dict[str, str]) -> Service:
        command = [sys.executable, "-m", "airflow", "standalone"]
        state = self.stack.state / "services"
        return Service("airflow", command, self.port or 0, "/api/v2/version", state, environment, patience=180)

    def _airflow(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "airflow", *arguments]
        done = subprocess.run(
            command, env=os.environ | self.environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        if done.returncode:
            tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
            raise StackError(f"airflow {' '.join(arguments[:2])} ended with code {done.returncode}\n{tail}")


def _pgserver() -> ModuleType | None:
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    try:
        import pgserver
    except ImportError:
        return None
    return pgserver


def _owner(folder: Path) -> str | None:
    """The user PostgreSQL runs as when this process is root's: it refuses to be root."""
    return folder.owner() if os.geteuid() == 0 else None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m laptop.airflow", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["up", "down"])
    parser.add_argument("--unpause", action="store_true", help="let the schedules run; otherwise DAGs start paused")
    options = parser.parse_args(arguments)
    try:
        server = AirflowServer(Stack.of_the_commands(print), say=print)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return interruptible(lambda: _run(server, options.action, options.unpause), server.stop_own_database)


def _run(server: AirflowServer, action: str, unpause: bool) -> int:
    stack = server.stack
    try:
        if action == "down":
            print(f"stopped: {', '.join([*server.down(), *stack.down()]) or 'nothing was running'}")
            return 0
        stack.up()
        server.up()
        if unpause:
            server.unpause()
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"\nAirflow    {server.url}\nuser       {USER}\npassword   {server.password}")
    print("DAGs are " + ("running on their schedules" if unpause else "paused: unpause them in the UI"))
    print("make down stops everything; data stay in " + str(STATE.relative_to(REPOSITORY)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
