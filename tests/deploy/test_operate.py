"""terraform/operate.py against servers that are not ready, refuse the account, or do not exist. Its requests to a real
Airflow are tested in test_containers.py."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from laptop.environment import REPOSITORY
from laptop.loopback import served
from laptop.service import free_port

GATEWAY = (502, b"<html>Bad Gateway</html>")
NOT_FOUND_PAGE = (404, b"<html>Not Found</html>")
UNKNOWN = (401, b'{"detail": "Invalid credentials"}')
MADE = (201, b'{"name": "warehouse", "slots": 1}')


@contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A server that gives these answers, the last of them again and again: its address, and (path, token) of each request."""
    asked: list[tuple[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            code, body = answers[min(len(asked), len(answers)) - 1]
            self.send_response(code)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    with served(Handler) as url:
        yield url, asked


def operate(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, REPOSITORY / "terraform" / "operate.py", "--pause", "0.01", *arguments],
        env={"PATH": os.environ["PATH"], "AIRFLOW_TOKEN": "a-token"} | environment,
        capture_output=True,
        text=True,
    )


def gcloud(folder: Path, script: str) -> str:
    """A PATH on which `gcloud` is this script."""
    program = folder / "gcloud"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def test_an_environment_that_is_being_made_is_waited_for():
    with answering(GATEWAY, NOT_FOUND_PAGE, GATEWAY, MADE) as (url, asked):
        done = operate("--url", url, "pool", "warehouse")
    assert done.stdout == "pool warehouse made with 1 slot(s)\n"
    assert asked == [("/api/v2/pools", "Bearer a-token")] * 4


def test_several_pools_are_made_at_once():
    with answering(MADE) as (url, _):
        done = operate("--url", url, "pool", "warehouse", "warehouse_gas")
    assert done.stdout == "pool warehouse made with 1 slot(s)\npool warehouse_gas made with 1 slot(s)\n"


def test_every_pool_that_a_task_names_has_to_be_there():
    """A task waits for ever for one that is not, or that has no slot, and Airflow's UI does not say why."""
    dags = [path.stem for path in (REPOSITORY / "dags").glob("*.py")]
    pools = {"default_pool": 128, "warehouse": 1, "warehouse_gas": 0, "somebody_elses": 0}
    answers = [
        {part: {"status": "healthy"} for part in ("metadatabase", "scheduler", "dag_processor", "triggerer")},
        {"import_errors": []},
        {"dags": [{"dag_id": dag, "is_paused": True} for dag in dags]},
        {"pools": [{"name": name, "slots": slots} for name, slots in pools.items()]},
        {"tasks": [{"pool": pool} for pool in ("default_pool", "warehouse", "warehouse_gas", "warehouse_legacy")]},
    ]
    with answering(*((200, json.dumps(answer).encode()) for answer in answers)) as (url, asked):
        done = operate("--url", url, "check", "--allow-paused")
    assert {path for path, _ in asked[4:]} == {f"/api/v2/dags/{dag}/tasks" for dag in dags}
    assert done.stdout.splitlines() == [
        "pool warehouse_gas has no slot, so tasks that need it wait → operate.py pool warehouse_gas",
        "pool warehouse_legacy is not there, so tasks that need it wait → operate.py pool warehouse_legacy",
    ]
    assert done.returncode == 1


def test_an_environment_that_never_answers_is_given_up():
    url = f"http://127.0.0.1:{free_port()}"
    done = operate("--url", url, "--patience", "0.2", "pool", "warehouse")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {url} does not answer (") and done.stderr.count("\n") == 1


def test_a_token_that_has_run_out_is_fetched_again(tmp_path):
    count = tmp_path / "count"
    path = gcloud(tmp_path, f'echo x >> {count}; echo "token-$(wc -l < {count} | tr -d " ")"')
    with answering(UNKNOWN, MADE) as (url, asked):
        done = operate("--url", url, "pool", "warehouse", PATH=path, AIRFLOW_TOKEN="")
    assert done.returncode == 0, done.stderr
    assert [token for _, token in asked] == ["Bearer token-1", "Bearer token-2"]


def test_an_account_without_access_is_told_which_role_it_needs():
    with answering(UNKNOWN) as (url, asked):
        done = operate("--url", url, "pool", "warehouse")
    assert done.returncode == 1 and "composer.user" in done.stderr and len(asked) == 2


def test_a_refusal_of_airflow_is_not_tried_again():
    with answering((422, json.dumps({"detail": [{"msg": "slots is wrong"}]}).encode())) as (url, asked):
        done = operate("--url", url, "pool", "warehouse", "--slots", "-5")
    assert done.returncode == 1 and "slots is wrong" in done.stderr and len(asked) == 1


def test_without_an_address_or_a_token_it_says_what_to_do(tmp_path):
    (tmp_path / "terraform").write_text("#!/bin/sh\necho 'No outputs found' >&2; exit 1\n")
    (tmp_path / "terraform").chmod(0o755)
    path = gcloud(tmp_path, "echo 'not signed in' >&2; exit 1")
    assert "set AIRFLOW_URL" in operate("check", PATH=path).stderr
    assert "gcloud auth login" in operate("--url", "http://127.0.0.1:9", "check", PATH=path, AIRFLOW_TOKEN="").stderr
