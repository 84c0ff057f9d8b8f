"""Measures how fast the API's bytes become validated canonical Parquet, against the original's pandas and against
DuckDB's plain copy, and how much memory that takes.

    python -m laptop.bench.extraction canonical|duckdb <folder> <first day> <export>...

does the work once and prints seconds (without imports) and peak resident memory in MB.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from laptop.bench.history import TABLE, TODAY, Exports, first_day, python
from laptop.bench.table import Goal, Result, Run, Say, interleaved

FASTER = Goal(1 / 10, "≥ 10× faster")
NEAR_COPY = Goal(1.3, "≤ 1.3× its time")
FLAT = Goal(1.2, "≤ 1.2× from 1 to 12 years")


def measure(
    environment: dict[str, str], many: Exports, one: Exports, folder: Path, years: int, pairs: int, say: Say
) -> Iterator[Result]:
    """Three rows of the table.

    :param environment: the environment of any stack, from which only the folder of the contracts is read.
    :param many: exports of `years` years.
    :param one: exports of one year.
    """
    ours = _run(environment, folder, "canonical", years, many.parquet)
    rows = f"{years} years of éCO2mix to canonical Parquet"
    say(f"{rows}, against pandas")
    pandas = _runs(environment, ["-m", "laptop.bench.original", str(folder), *map(str, many.csv)])
    size = [sum(path.stat().st_size for path in paths) / 1e6 for paths in (many.parquet, many.csv)]
    yield Result(
        rows,
        "original's pandas",
        FASTER,
        *interleaved(ours, pandas, pairs, say),
        note=f"Ours reads {size[0]:.0f} MB of Parquet, the original {size[1]:.0f} MB of labelled CSV with the same "
        "rows. Downloads are not counted.",
    )
    say(f"{rows}, against DuckDB's copy")
    copy = _run(environment, folder, "duckdb", years, many.parquet)
    yield Result(rows, "DuckDB, Parquet to Parquet", NEAR_COPY, *interleaved(ours, copy, pairs, say))
    say(f"peak memory of {years} years against one")
    yield Result(
        f"peak memory, {years} years",
        "1 year",
        FLAT,
        *interleaved(
            _run(environment, folder, "canonical", years, many.parquet, figure=1),
            _run(environment, folder, "canonical", 1, one.parquet, figure=1),
            pairs,
            say,
        ),
        unit="MB",
        note="Resident memory of the whole process, interpreter and libraries included.",
    )


def _run(environment: dict[str, str], folder: Path, way: str, years: int, exports: list[Path], figure: int = 0) -> Run:
    # the consolidated dataset begins before the first day asked for
    first = str(first_day(years) - timedelta(366))
    return _runs(environment, ["-m", __name__, way, str(folder), first, *map(str, exports)], figure)


def _runs(environment: dict[str, str], arguments: list[str], figure: int = 0) -> Run:
    return lambda: float(python(environment, *arguments).split()[figure])


def canonical(exports: list[Path], first: date, destination: Path) -> int:
    """Do what the extract task does with the files it has downloaded.

    :returns: number of rows written.
    """
    from odre.contract import load_contract
    from odre.exports.writing import CanonicalWriter
    from odre.window import Window

    with CanonicalWriter(load_contract(TABLE), Window(first, TODAY + timedelta(1)), destination, {}) as writer:
        for export in exports:
            writer.add(export)
    return writer.outcome.written


def duckdb_copy(exports: list[Path], destination: Path) -> None:
    """The physical limit: read and write the same Parquet, and do nothing else."""
    import duckdb

    sources = ", ".join(f"'{path}'" for path in exports)
    rows = f"from read_parquet([{sources}], union_by_name = true)"
    duckdb.connect().execute(f"copy ({rows}) to '{destination}' (format parquet, compression zstd)")


def peak_megabytes() -> float:
    """Peak resident memory of this process, MB. Linux has it in `/proc`; there `ru_maxrss` would be wrong, because it
    begins at the memory of the parent process."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    way, folder, first, *names = sys.argv[1:]
    files, target = [Path(name) for name in names], Path(folder) / f"{way}.parquet"
    if way == "canonical":
        import odre.exports.writing  # noqa: F401 - imports are not counted
    else:
        import duckdb  # noqa: F401 - the same
    began = time.perf_counter()
    if way == "canonical":
        canonical(files, date.fromisoformat(first), target)
    else:
        duckdb_copy(files, target)
    print(time.perf_counter() - began, peak_megabytes())
