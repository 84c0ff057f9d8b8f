"""A real Airflow beside the embedded stack: scheduler, DAG processor, triggerer and API server with the
UI, on loopback, with LocalExecutor and PostgreSQL.

    python -m laptop.airflow up [--unpause] | down

It uses the database of the demo (`laptop.metadata`), so that the UI shows the demo's runs.
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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from laptop.environment import REPOSITORY, Endpoints, pipeline_environment, write_environment
from laptop.metadata import MetadataDatabase
from laptop.processes import interruptible
from laptop.service import Service, StackError, free_port
from laptop.stack import STATE, Stack

_USUAL_PORT = 8080
_READY = ("metadatabase", "scheduler", "dag_processor", "triggerer")
USER = "admin"
# Seconds until a start is given up, and seconds between two lines of progress that name the parts not ready yet.
_PATIENCE, _SILENCE = 180, 4
# In seconds. They are long because a laptop runs other programs too. Composer and the containers use the same values.
_TIME_OUTS = {
    "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "180",
    "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "180",
}


class AirflowServer:
    """`airflow standalone` on a stack that is up.

    :param stack: the stack, whose environment variables Airflow gets.
    :param port: preferred port of the UI. When it is taken, or is 0, any free port is used.
    :param say: called with each line of progress.
    """

    def __init__(self, stack: Stack, port: int = _USUAL_PORT, say: Callable[[str], None] = lambda line: None) -> None:
        self.stack, self.preferred, self.say = stack, port, say
        self.home = stack.state / "airflow"
        self.database = MetadataDatabase(stack.state)
        known = Service("airflow", (), 0, "/", stack.state / "services").recorded()
        self.port = known["port"] if known else None
        self._prepared = False
        self._token: str | None = None

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
        """The stack's variables and the settings of the Airflow server."""
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
            **_TIME_OUTS,
            # The UI shows the SQL of all marts of a subject, which Airflow would cut after 4,096 characters.
            "AIRFLOW__CORE__MAX_TEMPLATED_FIELD_LENGTH": "200000",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self._passwords),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            # Seconds that the scheduler sleeps when it finds nothing to do. Every task of a run may wait that long.
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.database.url(),
        }

    def up(self) -> None:
        """Start everything and wait until all parts report that they are healthy.

        :raises StackError: a part did not start; the message ends with the last log lines.
        """
        self.prepare()
        began = time.monotonic()
        self.port = self.port or self._free_port()
        self._passwords.touch()  # created here, because Airflow would let everybody read it
        self._passwords.chmod(0o600)
        environment = self.environment
        write_environment(self.stack.state / "env", {k: v for k, v in environment.items() if k != "PATH"})
        service = self._service(environment)
        if (record := service.recorded()) and service.healthy():
            if record.get("environment") == service.fingerprint():
                self.say(f"{'airflow':<10} already runs at {self.url}")
                return
            self.say(f"{'airflow':<10} is started again, because an address or a setting has changed")
        service.stop(patience=30)
        service.launch()
        told = began
        while missing := [part for part in _READY if self._health().get(part, {}).get("status") != "healthy"]:
            if not service.running() or time.monotonic() - began > _PATIENCE:
                tail = service.log_tail()
                service.stop()
                raise StackError(f"Airflow's {', '.join(missing)} did not get ready\n{tail}")
            if time.monotonic() - told > _SILENCE:
                told = time.monotonic()
                self.say(f"{'airflow':<10} waiting for {', '.join(missing)}  ({told - began:.0f} s)")
            time.sleep(0.2)
        self.say(f"{'airflow':<10} {self.url}  ({time.monotonic() - began:.1f} s)")

    def prepare(self) -> None:
        """Start the database and bring it up to date: its tables, the pool, the DAGs. Needs no other service.

        :raises StackError: the database could not be prepared; the message ends with Airflow's last lines.
        """
        if self._prepared:
            return
        self.home.mkdir(parents=True, exist_ok=True)
        self.say(f"{'database':<10} being brought up to date")
        began = time.monotonic()
        environment = pipeline_environment(self.stack.state, Endpoints("", "", "")) | _TIME_OUTS
        environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = self.database.url()
        done = subprocess.run(
            [sys.executable, "-m", "laptop.metadata"],
            env=os.environ | environment, cwd=REPOSITORY, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
            raise StackError(f"Airflow's database could not be brought up to date\n{tail}")
        where = self.database.postgres if self.database.has_server else self.database.sqlite
        self.say(f"{'database':<10} {where}  ({time.monotonic() - began:.1f} s)")
        self._prepared = True

    def _free_port(self) -> int:
        port = free_port(self.preferred)
        if self.preferred and port != self.preferred:
            self.say(f"{'airflow':<10} port {self.preferred} is taken by another program: {port} instead")
        return port

    def down(self) -> list[str]:
        """Stop Airflow and its database.

        :returns: names of what was stopped.
        """
        stopped = ["airflow"] if self._service({}).stop(patience=30) else []
        return [*stopped, *(["postgres"] if self.database.stop() else [])]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call Airflow's REST API as the user `admin`.

        :param path: below `/api/v2`.
        :raises urllib.error.HTTPError: the API refused.
        """
        return self._request(method, f"/api/v2{path}", body, {"Authorization": f"Bearer {self.token()}"})

    def token(self) -> str:
        """A token of the user `admin`, for the header `Authorization: Bearer`. Airflow's tokens are valid for a day."""
        if self._token is None:
            credentials = {"username": USER, "password": self.password}
            self._token = str(self._request("POST", "/auth/token", credentials)["access_token"])
        return self._token

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
        return Service("airflow", command, self.port or 0, "/api/v2/version", state, environment, patience=_PATIENCE)


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
    return interruptible(lambda: _run(server, options.action, options.unpause), server.database.stop_own)


def _run(server: AirflowServer, action: str, unpause: bool) -> int:
    stack = server.stack
    try:
        if action == "down":
            print(f"stopped: {', '.join([*server.down(), *stack.down()]) or 'nothing was running'}")
            return 0
        with ThreadPoolExecutor(1) as background:
            prepared = background.submit(server.prepare)
            stack.up()
            prepared.result()
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
