"""Add a dataset of ODRÉ: contract, staging model, completeness and DAG, from the API's catalogue and a sample of rows.

    make dataset ID=<ODRÉ dataset>

It asks the API that `ODRE_API` names (`live`, or a URL). Without `ODRE_API` it asks the replica of the local stack if
that runs, and otherwise the public API.

Values that the catalogue does not contain are proposed, and marked with a comment that begins with `DECIDE:`. Confirm
or correct each such line and remove its mark. Until then, `make check` fails and names the marks.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import signal
import sys
from zoneinfo import ZoneInfo

from laptop.environment import REPOSITORY, api_url
from laptop.scaffold.install import install, refuse_known
from laptop.scaffold.marks import undecided
from laptop.scaffold.proposal import ZONE, marks_of, propose, table_of
from laptop.scaffold.source import Api, Refused
from laptop.scaffold.writing import files_of
from laptop.service import Service
from laptop.stack import STATE


def add(dataset_id: str, api: str) -> None:
    """Write the files of a dataset into the repository, and print what to do next.

    :param api: base URL of the Explore API.
    :raises Refused: the dataset cannot be added; nothing was written.
    """
    refuse_known(REPOSITORY, dataset_id)
    source = Api(api)
    _say(f"asking {api} for {dataset_id}")
    described = source.describe(dataset_id)
    sample = source.sample(described)
    _say(
        f"{described.title}: {len(described.fields)} fields, {sample.count:,} rows, {len(sample.rows):,} in the sample"
    )
    today = dt.datetime.now(ZoneInfo(ZONE)).date()
    proposal = propose(described, sample, today)
    written = install(REPOSITORY, files_of(proposal), proposal.table, _say)
    marks = [mark for mark in undecided(REPOSITORY) if f"/{proposal.table}/" in mark.file]
    _say("\nwrote")
    for path in written:
        _say(f"  {path}")
    for remark in marks_of(proposal):
        _say(f"note: {remark}")
    _say(f"\n{len(marks)} values are proposed from the sample and wait for your decision:")
    for mark in marks:
        _say(f"  {mark}")
    _say(
        "\nnext\n"
        "  1. confirm or correct each of these lines, and remove its mark (docs/contract.md explains the fields)\n"
        "  2. make manifest    after any change of these files\n"
        "  3. make check       names the marks that are left, and runs the tests that need no service\n"
        "  4. make demo        runs every DAG once, the new one included"
    )


def _say(line: str) -> None:
    print(line, flush=True)


def _api() -> str:
    """The API to ask: `ODRE_API`, else the replica of the local stack if it runs, else the public API."""
    if given := os.environ.get("ODRE_API"):
        return api_url(given)
    replica = Service("api", (), 0, "/", STATE / "services").recorded()
    return f"http://127.0.0.1:{replica['port']}" if replica else api_url("live")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m laptop.scaffold", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("id", help="id of the dataset, the last part of the address of its page on ODRÉ")
    given = parser.parse_args(arguments)
    # A command that is ended cleans up as an interrupted one does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        add(given.id, _api())
    except (Refused, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror} → nothing of {given.id} was written", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\ninterrupted: nothing of {table_of(given.id)} was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
