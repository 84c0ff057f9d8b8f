"""Compares this pipeline with what one would use instead, and with the physical limit: `make bench`.

Both sides of a comparison run in turn, in pairs. Every figure is the median of its runs, and a ratio is the median of
the ratios of the pairs. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from laptop.bench.table import Result, as_json, machine, markdown
from laptop.service import StackError
from laptop.stack import STATE

if TYPE_CHECKING:
    from laptop.bench.history import History
    from laptop.stack import Stack

#: Name of each part and the minutes it takes on two cores with the defaults.
PARTS = {"extraction": 4, "ingestion": 5, "hourly": 4, "parsing": 2, "orchestration": 9, "dashboard": 2, "cloud": 8}
#: Parts that are not in the table, because they compare the alternatives of a decision.
DECISIONS = {"modes": 12}


class Bench:
    """What the parts share: made when a part first needs it, and removed at the end."""

    def __init__(self, folder: Path, years: int, pairs: int, latency: tuple[float, float], held: ExitStack) -> None:
        self.folder, self.years, self.pairs, self.latency, self.held = folder, years, pairs, latency, held
        self.began = time.monotonic()

    def say(self, line: str) -> None:
        print(f"[{time.monotonic() - self.began:5.0f} s] {line}", file=sys.stderr, flush=True)

    @cached_property
    def history(self) -> History:
        from laptop.bench.history import History

        return self.held.enter_context(History(self.folder, self.years, self.say))

    @cached_property
    def loaded(self) -> History:
        self.history.load()
        return self.history

    @cached_property
    def month(self) -> Stack:
        from laptop.bench.history import month

        return self.held.enter_context(month(self.history))

    def extraction(self) -> Iterator[Result]:
        from laptop.bench import extraction
        from laptop.bench.history import History

        with History(self.folder, 1, self.say) as single:
            one = single.exports()
        many = self.history.exports()
        yield from extraction.measure(
            self.history.environment, many, one, self.folder, self.years, self.pairs, self.say
        )

    def ingestion(self) -> Iterator[Result]:
        from laptop.bench import ingestion

        yield from ingestion.measure(self.folder, self.pairs, self.say)

    def hourly(self) -> Iterator[Result]:
        from laptop.bench import hourly

        yield from hourly.measure(self.loaded, self.month.environment, self.pairs, self.say)

    def parsing(self) -> Iterator[Result]:
        from laptop.bench import parsing

        yield from parsing.measure(self.folder, self.pairs, self.say)

    def orchestration(self) -> Iterator[Result]:
        from laptop.bench import orchestration

        yield from orchestration.measure(self.month, self.pairs, self.say)

    def dashboard(self) -> Iterator[Result]:
        from laptop.bench import dashboard

        yield from dashboard.measure(self.loaded.environment, self.folder, self.pairs, self.say)

    def cloud(self) -> Iterator[Result]:
        from laptop.bench import cloud

        yield from cloud.measure(self.month, self.latency, self.pairs, self.say)

    def modes(self) -> Iterator[Result]:
        from laptop.bench import modes

        yield from modes.measure(self.month, self.pairs, self.say)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m laptop.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", action="append", choices=[*PARTS, *DECISIONS], help="run this part; can be given several times"
    )
    parser.add_argument("--pairs", type=_positive, default=5, help="pairs of runs per measure (default: 5)")
    parser.add_argument("--years", type=_positive, default=12, help="years of history (default: 12)")
    parser.add_argument("--job-latency", type=float, default=1.0, help="cloud: seconds added to a job (default: 1)")
    parser.add_argument("--call-latency", type=float, default=0.15, help="cloud: to any other call (default: 0.15)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    options = parser.parse_args(arguments)
    chosen = options.only or list(PARTS)
    STATE.mkdir(exist_ok=True)
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=STATE)))
        bench = Bench(folder, options.years, options.pairs, (options.job_latency, options.call_latency), held)
        minutes = sum((PARTS | DECISIONS)[name] for name in chosen) * (0.3 + 0.7 * options.pairs / 5)
        bench.say(f"{', '.join(chosen)}: about {minutes:.0f} minutes on a quiet machine with two cores")
        try:
            results = [result for name in chosen for result in getattr(bench, name)()]
        except (StackError, RuntimeError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    if options.json:
        print(as_json(results))
    else:
        print(", ".join(f"{name} {value}" for name, value in machine().items()) + "\n\n" + markdown(results))
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
