#!/usr/bin/env python3
"""Operate the pipeline's Airflow through its REST API; every command can be run again.

    terraform/operate.py check                      say what would keep the DAGs from running
    terraform/operate.py pool warehouse …           make pools, or correct their slots
    terraform/operate.py history [--wait] [dag …]   load everything since each dataset's first day
    terraform/operate.py trigger DAG ['{"start_date": "2024-01-01"}']

The address comes from --url, AIRFLOW_URL, or `terraform output airflow_ui`; the token from AIRFLOW_TOKEN or
`gcloud auth print-access-token`. While an environment is being made or updated, the commands wait (--patience).
`gcloud composer environments run` cannot be used, because it refuses Airflow 3.3. Needs only Python 3.9 or newer.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import itertools
import json
import os
import shutil
import subprocess
import sys
import urllib.parse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from airflow_api import Airflow, OperationError, RefusedError

MODULE = Path(__file__).resolve().parent
PARTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
POOL_DESCRIPTION = "Writers of the warehouse, one at a time"


def _quoted(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def our_dags() -> list[str]:
    """Ids of this repository's DAGs: the names of their files."""
    return sorted(path.stem for path in (MODULE.parent / "dags").glob("*.py"))


def make_pool(airflow: Airflow, name: str, slots: int) -> str:
    """Make a pool, or correct the slots of the one that exists.

    :returns: what was done.
    """
    settings = {"slots": slots, "description": POOL_DESCRIPTION, "include_deferred": False}
    try:
        airflow.call("POST", "/pools", {"name": name, **settings})
    except RefusedError as error:
        if error.code != 409:
            raise
        path = f"/pools/{_quoted(name)}"
        if airflow.call("GET", path)["slots"] == slots:
            return f"pool {name} has {slots} slot(s) already"
        airflow.call("PATCH", path, {"pool": name, **settings})
        return f"pool {name} has {slots} slot(s) again"
    return f"pool {name} made with {slots} slot(s)"


def problems(airflow: Airflow, allow_paused: bool = False) -> list[str]:
    """What would keep the DAGs from running, one line each: cause → next step. Changes nothing.

    :param allow_paused: whether DAGs may be paused.
    """
    health = airflow.call("GET", "/monitor/health")
    found = [
        f"{part} is {health.get(part, {}).get('status')} → look at the environment's monitoring page"
        for part in PARTS
        if health.get(part, {}).get("status") != "healthy"
    ]
    for error in airflow.call("GET", "/importErrors?limit=100")["import_errors"]:
        last = error["stack_trace"].strip().splitlines()[-1]
        found.append(f"{error['filename']} cannot be imported: {last} → correct it and deploy again")
    dags = {dag["dag_id"]: dag for dag in airflow.call("GET", "/dags?limit=100&exclude_stale=true")["dags"]}
    for name in our_dags():
        if name not in dags:
            found.append(f"DAG {name} is not there → wait some minutes after a deployment; then see the DAG processor")
        elif dags[name]["is_paused"] and not allow_paused:
            found.append(
                f"DAG {name} is paused → unpause it; until then none of its runs starts, not even a backfill's"
            )
    slots = {entry["name"]: entry["slots"] for entry in airflow.call("GET", "/pools?limit=100")["pools"]}
    for pool in sorted(_pools_of_tasks(airflow, dags.keys() & our_dags())):
        if not slots.get(pool):
            what = "has no slot" if pool in slots else "is not there"
            found.append(f"pool {pool} {what}, so tasks that need it wait → operate.py pool {pool}")
    return found


def _pools_of_tasks(airflow: Airflow, dags: Iterable[str]) -> set[str]:
    tasks = (task for dag in dags for task in airflow.call("GET", f"/dags/{_quoted(dag)}/tasks")["tasks"])
    return {task["pool"] for task in tasks}


def load_history(airflow: Airflow, dags: Sequence[str], unpause: bool) -> Iterator[tuple[str, str, str]]:
    """Start a full refresh of each DAG, unless one that was started today is running or has succeeded.

    A failed run stays as it is, with its logs, and another is started.

    :returns: DAG, id of its run, what was done.
    :raises OperationError: a DAG is paused, so its run would wait for ever.
    """
    today = f"history__{dt.datetime.now(dt.timezone.utc):%Y-%m-%d}"
    for dag in dags:
        path = f"/dags/{_quoted(dag)}"
        if airflow.until(f"DAG {dag} is not there", functools.partial(_found, airflow, path))["is_paused"]:
            if not unpause:
                raise OperationError(f"DAG {dag} is paused, its run would wait for ever → unpause it, or add --unpause")
            airflow.call("PATCH", f"{path}?update_mask=is_paused", {"is_paused": False})
        done = "started"
        for attempt in itertools.count(1):
            run = today if attempt == 1 else f"{today}__{attempt}"
            if (state := _found(airflow, f"{path}/dagRuns/{run}").get("state")) is None:
                body = {"dag_run_id": run, "logical_date": None, "conf": {"full_refresh": True}}
                airflow.call("POST", f"{path}/dagRuns", body)
            elif state == "failed":
                done = f"started: {run} had failed"
                continue
            else:
                done = f"is {state} already"
            yield dag, run, done
            break


def _found(airflow: Airflow, path: str) -> dict[str, Any]:
    """The object at `path`; empty when there is none."""
    try:
        return airflow.call("GET", path)
    except RefusedError as error:
        if error.code != 404:
            raise
        return {}


def ended(airflow: Airflow, dag: str, run: str, patience: float) -> str:
    """Wait until a run has ended.

    :returns: its state.
    :raises OperationError: it has not ended after `patience` seconds.
    """
    path = f"/dags/{_quoted(dag)}/dagRuns/{_quoted(run)}"

    def over() -> str | None:
        state = airflow.call("GET", path)["state"]
        return state if state in ("success", "failed") else None

    return str(airflow.until(f"run {run} of {dag} has not ended within {patience:.0f} s", over, patience))


def _output(*command: str, otherwise: str) -> str:
    """The output of a command.

    :param otherwise: what the user can do when the command does not work.
    :raises OperationError: the command is not installed, or fails.
    """
    if not shutil.which(command[0]):
        raise OperationError(f"{command[0]} is not installed → {otherwise}")
    done = subprocess.run(command, cwd=MODULE, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        why = (done.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise OperationError(f"{' '.join(command)} failed: {why} → {otherwise}")
    return done.stdout.strip()


def _token() -> str:
    return os.environ.get("AIRFLOW_TOKEN") or _output(
        "gcloud", "auth", "print-access-token", otherwise="sign in with `gcloud auth login`, or set AIRFLOW_TOKEN"
    )


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default=os.environ.get("AIRFLOW_URL"), help="address of the Airflow UI")
    parser.add_argument("--patience", type=float, default=900, help="seconds to wait for an answer (%(default)s)")
    parser.add_argument("--pause", type=float, default=10, help="seconds between two attempts (%(default)s)")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say what would keep the DAGs from running; changes nothing")
    check.add_argument("--allow-paused", action="store_true", help="do not report paused DAGs")
    pool = commands.add_parser("pool", help="make pools, or correct their slots")
    pool.add_argument("names", nargs="+", metavar="name")
    pool.add_argument("--slots", type=int, default=1, help="tasks that may write at a time (%(default)s)")
    history = commands.add_parser("history", help="load everything since each dataset's first day")
    history.add_argument("dags", nargs="*", help="DAGs to load (all)")
    history.add_argument("--unpause", action="store_true", help="unpause paused DAGs")
    history.add_argument(
        "--wait", type=float, metavar="SECONDS", help="wait at most this long for each run; fail if one fails"
    )
    trigger = commands.add_parser("trigger", help="start one run")
    trigger.add_argument("dag")
    trigger.add_argument("conf", nargs="?", type=json.loads, default={}, help="parameters, as a JSON object")
    return parser.parse_args(given)


def _history(airflow: Airflow, options: argparse.Namespace) -> int:
    runs = []
    for dag, run, done in load_history(airflow, options.dags or our_dags(), options.unpause):
        print(f"{dag}: run {run} {done}", flush=True)
        runs.append((dag, run))
    failed = 0
    for dag, run in runs if options.wait else ():
        state = ended(airflow, dag, run, options.wait)
        print(f"{dag}: run {run} ended in {state}", flush=True)
        failed += state == "failed"
    return 1 if failed else 0


def main(given: Sequence[str] | None = None) -> int:
    """Run one command.

    :returns: exit status: 1 when something is wrong, else 0.
    """
    options = _arguments(given)
    try:
        url = options.url or _output(
            "terraform", "output", "-raw", "airflow_ui", otherwise="give --url, or set AIRFLOW_URL"
        )
        airflow = Airflow(url, _token, options.patience, options.pause)
        if options.command == "check":
            found = problems(airflow, options.allow_paused)
            once = " once none is paused" if options.allow_paused else ""
            print("\n".join(found) or f"{len(our_dags())} DAGs can run{once}")
            return 1 if found else 0
        if options.command == "pool":
            for name in options.names:
                print(make_pool(airflow, name, options.slots), flush=True)
        elif options.command == "trigger":
            body = {"logical_date": None, "conf": options.conf}
            print(airflow.call("POST", f"/dags/{_quoted(options.dag)}/dagRuns", body)["dag_run_id"])
        else:
            return _history(airflow, options)
    except OperationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
