"""What a result is, how pairs of runs are taken, and the table that is printed."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

Run = Callable[[], float]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Goal:
    """An upper bound on the ratio ours ÷ against, or on our own figure where there is nothing to divide by.

    :param at_most: the bound, inclusive.
    :param text: the goal as the table prints it.
    """

    at_most: float
    text: str


@dataclass
class Result:
    """One row of the table.

    :param ours: our figures, one per pair.
    :param against: the figures of the other side, in the same order; empty when there is no other side.
    :param unit: unit of both sides.
    :param note: what a reader has to know about the row, and the reason when the goal is not met.
    """

    measure: str
    counterpart: str
    goal: Goal
    ours: list[float]
    against: list[float] = field(default_factory=list)
    unit: str = "s"
    note: str = ""

    @property
    def ratios(self) -> list[float]:
        """Ours ÷ against, pair by pair; our own figures where there is nothing to divide by."""
        if not self.against:
            return list(self.ours)
        return [mine / other for mine, other in zip(self.ours, self.against, strict=True)]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def met(self) -> bool:
        return self.ratio <= self.goal.at_most

    def as_dict(self) -> dict[str, Any]:
        """JSON-serialisable form."""
        return {
            "measure": self.measure,
            "against": self.counterpart,
            "unit": self.unit,
            "ours": self.ours,
            "theirs": self.against,
            "ratio": self.ratio if self.against else None,
            "ratio_spread": [min(self.ratios), max(self.ratios)] if self.against else None,
            "goal": self.goal.text,
            "met": self.met,
            "note": self.note,
        }


def interleaved(ours: Run, against: Run, pairs: int, say: Say) -> tuple[list[float], list[float]]:
    """Figures of both sides, which run in turn, so that other work of the machine affects both alike. The side that
    runs first changes from pair to pair.

    :param ours: does our work once and returns its figure.
    :param against: does the work of the other side once and returns its figure.
    """
    mine: list[float] = []
    others: list[float] = []
    for number in range(pairs):
        for run, figures in ((ours, mine), (against, others))[:: 1 if number % 2 == 0 else -1]:
            figures.append(run())
        say(f"  pair {number + 1} of {pairs}: ours {mine[-1]:.3g}, against {others[-1]:.3g}")
    return mine, others


def figure(values: list[float], unit: str) -> str:
    """Median with its unit."""
    value = median(values)
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def _ratio(result: Result) -> str:
    if not result.against:
        return "–"
    faster = result.goal.at_most < 1
    return f"1/{1 / result.ratio:.3g}" if faster else f"{result.ratio:.3g}"


def _spread(result: Result) -> str:
    low, high = min(result.ratios), max(result.ratios)
    if result.against and result.goal.at_most < 1:
        return f"1/{1 / low:.3g} – 1/{1 / high:.3g}"
    return f"{low:.3g} – {high:.3g}"


def markdown(results: list[Result]) -> str:
    """The table, ready for a page of the docs."""
    lines = [
        "| measure | ours | against | ratio | spread | goal | met |",
        "|---|---|---|---|---|---|---|",
    ]
    notes = []
    for result in results:
        mark = ""
        if result.note:
            notes.append(result.note)
            mark = f" ({len(notes)})"
        theirs = f"{result.counterpart}: {figure(result.against, result.unit)}" if result.against else "–"
        lines.append(
            f"| {result.measure}{mark} | {figure(result.ours, result.unit)} | {theirs} | {_ratio(result)} "
            f"| {_spread(result)} | {result.goal.text} | {'yes' if result.met else '**no**'} |"
        )
    lines += ["", *(f"{number}. {note}" for number, note in enumerate(notes, 1))]
    return "\n".join(lines).rstrip() + "\n"


def machine() -> dict[str, str]:
    """The machine on which the figures were taken."""
    names = ("apache-airflow", "apache-airflow-providers-google", "astronomer-cosmos", "dbt-core", "pyarrow", "duckdb")
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text().splitlines() if cpus.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return {
        "cpu": f"{os.cpu_count()} × {model}",
        "python": platform.python_version(),
        **{name: version(name) for name in names},
    }


def as_json(results: list[Result]) -> str:
    """The machine and all results as JSON."""
    return json.dumps({"machine": machine(), "results": [result.as_dict() for result in results]}, indent=1)
