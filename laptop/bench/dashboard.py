"""Measures the making of the dashboard's page and, in a browser, looking at it.

    python -m laptop.bench.dashboard <file>

reads the marts of the warehouse that the environment names, writes the page, and prints seconds (without imports),
bytes and days.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from laptop.bench import viewing
from laptop.bench.history import python
from laptop.bench.table import Goal, Result, Say

SECONDS = Goal(5.0, "≤ 5 s")
MEGABYTES = Goal(3.0, "≤ 3 MB")


def measure(environment: dict[str, str], folder: Path, pairs: int, say: Say) -> Iterator[Result]:
    """Five rows of the table.

    :param environment: of a stack whose marts hold the years.
    :param folder: where the page is written.
    """
    say("dashboard: reading the marts and writing the page")
    file, seconds, sizes = folder / "index.html", [], []
    for number in range(pairs):
        took, size, days = map(float, python(environment, "-m", __name__, str(file)).split())
        say(f"  run {number + 1} of {pairs}: {took:.2f} s, {size / 1e6:.2f} MB")
        seconds.append(took)
        sizes.append(size / 1e6)
    yield Result(f"dashboard of {days:,.0f} days", "–", SECONDS, seconds)
    yield Result("its size", "–", MEGABYTES, sizes, unit="MB")
    yield from viewing.measure(file, pairs, say)


def publish(file: Path) -> tuple[int, int]:
    """Write the page.

    :returns: its size in bytes, and the number of days that it shows.
    """
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery
    from odre.dashboard.data import read_page
    from odre.dashboard.page import render
    from odre.settings import Settings

    settings = Settings.from_environment()
    client = bigquery.Client(
        settings.project_id,
        AnonymousCredentials(),
        client_options={"api_endpoint": os.environ["BIGQUERY_EMULATOR_HOST"]},
    )
    page = read_page(client, f"{settings.project_id}.{settings.marts_dataset}", datetime.now(timezone.utc), ())
    return file.write_bytes(render(page).encode()), len(page.days["local_date"])


if __name__ == "__main__":
    import odre.dashboard.page  # noqa: F401 - imports are not counted

    began = time.perf_counter()
    size, days = publish(Path(sys.argv[1]))
    print(time.perf_counter() - began, size, days)
