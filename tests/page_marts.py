"""Makes the rows of the marts other than `dashboard_daily` for days that are made from a formula (tests/pages.py)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from odre.dashboard.vocabulary import SEASONS, Vocabulary, energy_column

from laptop.environment import REPOSITORY

SITES = {"Centre": 0.6, "Teréga": 0.4}  # parts of the national stock
Rows = list[dict[str, Any]]

# Parts and methods of the answers that the page speaks of: question, part, method, unit.
_TERMS = ("consumption", "fuel_oil", "coal", "gas", "nuclear", "wind", "solar", "hydro", "bioenergy", "pumping",
          "batteries", "net_imports", "statistical_difference")  # fmt: skip
_BORDERS = ("all", "great_britain", "spain", "italy", "switzerland", "germany_belgium")
SERIES = [
    *(("mix", term, "measured_share", "percent") for term in _TERMS[1:9]),
    *(("gas_storage_vs_temperature", "stock", f"{kind}_correlation", "correlation") for kind in ("raw", "anomaly")),
    ("gas_storage_vs_temperature", "withdrawal/november_to_march", "within_month", "gwh_per_celsius"),
    ("gas_storage_vs_temperature", "drawdown", "per_winter", "gwh_per_winter_celsius"),
    ("gas_storage_vs_temperature", "stock", "annual_phase", "days"),
    ("gas_storage_vs_temperature", "fill", "previous_years", "percentage_points"),
    *(("sources_vs_temperature", term, "within_month", "mw_per_celsius") for term in _TERMS),
    ("sources_vs_temperature", "consumption", "within_month_above_threshold", "mw_per_celsius"),
    ("sources_vs_temperature", "consumption", "cooling_threshold", "celsius"),
    ("sources_vs_temperature", "thermosensitivity/day", "within_winter", "mw_per_celsius"),
    *(("sources_vs_temperature", f"thermosensitivity/hour_{hour:02d}", "within_winter", "mw_per_celsius")
      for hour in range(24)),
    *(("sources_vs_gas_storage", term, f"{kind}_correlation", "correlation")
      for term in (*_TERMS[:10], "net_imports") for kind in ("raw", "anomaly")),
    ("sources_vs_gas_storage", "gas/withdrawal", "anomaly_correlation_given_temperature", "correlation"),
    *(("mix_by_season", f"{term}/{season}", method, unit) for term in _TERMS[1:9] for season in SEASONS
      for method, unit in (("season_share", "percent"), ("season_difference", "percentage_points"))),
    *(("mix_by_season", term, "explained_by_season", "percent") for term in _TERMS[1:9]),
    *(("exchanges_vs_gas_storage", f"{border}/{flow}", "same_month_correlation", "correlation")
      for border in _BORDERS for flow in ("volume", "exports", "imports", "net_exports")),
]  # fmt: skip
JUDGED_TOGETHER = ("anomaly_correlation", "same_month_correlation")
_DIFFERENCES = {"solar/summer": 4.0, "solar/winter": -3.0}


# Name of the sentence that tells a row alone, by question, method and part: the macro's own list.
_MACRO = (REPOSITORY / "include" / "dbt" / "macros" / "answers.sql").read_text(encoding="utf-8")
SENTENCES = {
    (question, method, part): name
    for question, method, part, name in re.findall(
        r"^    \('(\w+)', '(\w+)', '([\w/]+)', '(\w+)'\),$", _MACRO, re.MULTILINE
    )
}


def _keyed(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the key of its sentence, as the mart has it."""
    name = SENTENCES.get((row["question"], row["method"], row["part"]))
    end = "what" if row["verdict"] == "not_detectable" else row["verdict"]
    if name == "fill" and end == "yes":
        end = "yes_above" if row["estimate"] > 0 else "yes_below"
    return row | {"sentence_key": name and f"{name}_{end}"}


def answer(question: str, part: str, method: str, unit: str, **changes: Any) -> dict[str, Any]:
    """A row of the mart `answers` without an estimate, because there are too few days; `changes` replace columns."""
    return _keyed({
        "question": question, "part": part, "method": method, "period_kind": "all", "period": "all", "estimate": None,
        "unit": unit, "lower": None, "upper": None, "lowest": None, "highest": None, "days": 12, "effective_n": None,
        "first_day": "2019-01-01", "last_day": "2021-12-31", "verdict": "not_detectable", "reason": "too_few_days",
        "joint_verdict": None, "reference": 2300.0 if part == "thermosensitivity/day" else None,
    } | changes)  # fmt: skip


def told(row: dict[str, Any], estimate: float, half: float | None, verdict: str = "yes") -> dict[str, Any]:
    """The same row with an estimate and an interval of `half` on both sides; without an interval when `half` is `None`,
    as for measured figures."""
    reason = "interval_too_wide" if verdict == "not_detectable" else None
    bounds = {} if half is None else {"lower": estimate - half, "upper": estimate + half}
    joint = {"joint_verdict": verdict if row["method"] in JUDGED_TOGETHER else None}
    return _keyed(
        row
        | bounds
        | joint
        | {"estimate": estimate, "verdict": verdict, "reason": reason, "days": 900, "effective_n": 90.0}
    )


def answers(verdict: str | None = None) -> Rows:
    """A row for every part and method: all without an estimate (`None`), or all with the same verdict."""
    rows = [answer(*series) for series in SERIES]
    fill = [
        row | ({"period_kind": "latest_day", "period": "latest_day"} if row["method"] == "previous_years" else {})
        for row in rows
    ]
    year = {"period_kind": "trailing_year", "period": "trailing_year"}
    rows = fill + [row | year for row in fill if row["method"] in ("measured_share", "anomaly_correlation")]
    if verdict is None:
        return rows
    measured = ("measured_share", "season_share", "explained_by_season", "cooling_threshold", "annual_phase")
    found = []
    for index, row in enumerate(rows):
        if row["method"] in measured:
            found.append(
                told(row, 10.0 + index % 7, 1.0 if row["method"] in ("season_share", "annual_phase") else None)
            )
        elif row["period"] == "trailing_year":
            found.append(row | {"reason": "too_few_years"})
        else:
            estimate = _DIFFERENCES.get(row["part"], 0.5) if row["unit"] != "correlation" else 0.5
            found.append(told(row, estimate, 0.2, verdict))
    return found


def _columns(rows: Rows) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def marts_of(rows: Rows, vocabulary: Vocabulary, given: Rows | None = None) -> dict[str, dict[str, list[Any]]]:
    """Columns of every mart that a section reads.

    :param rows: days, as `dashboard_daily` has them.
    :param given: rows of `answers`; all of them untold when it is left out.
    """
    months = [list(days)[-1] for _, days in groupby(rows, key=lambda row: row["local_date"][:7])]
    hours = [f"consumption_hour_{hour:02d}_mw" for hour in range(24)]
    return {
        "answers": _columns(given if given is not None else answers()),
        "sites": _columns([
            {"local_date": row["local_date"], "site": site, "stock_gwh": round(part * row["stock_gwh"], 1)}
            for row in months for site, part in SITES.items()
        ]),
        "seasons": _columns(seasons(rows, vocabulary)),
        "records": _columns(records(rows)),
        "hours": _columns([
            {"local_date": row["local_date"]} | {name: row["consumption_mwh"] / 24 + 100 * hour for hour, name in enumerate(hours)}
            for row in rows[-730:]
        ]),
        "average_days": _columns([
            {"season": season, "hour": hour, "days": 90, "consumption_mw": 50_000 + 100 * hour}
            | {source.name: 5_000 for source in vocabulary.sources}
            for season in SEASONS for hour in range(24)
            if any(row["season"] == season for row in rows[-365:])
        ]),
    }  # fmt: skip


def length(season: str, year: int) -> int:
    """Days of a season."""
    first = date(year - 1, 12, 1) if season == "winter" else date(year, 3 * list(SEASONS).index(season), 1)
    return ((first + timedelta(days=100)).replace(day=1) - first).days


def seasons(rows: Rows, vocabulary: Vocabulary) -> Rows:
    """Rows of `mix_by_season`."""
    found: dict[tuple[int, str, str], dict[str, Any]] = {}
    groups = groupby(rows, key=lambda row: (row["season_year"], row["season"]))
    for (year, season), group in groups:
        days = list(group)
        production = sum(row["production_mwh"] for row in days)
        whole = length(season, year)
        for source in vocabulary.sources:
            name = str(source.label)
            share = sum(row[energy_column(source)] for row in days) / production
            before = found.get((year - 1, season, name))
            is_whole = len(days) == whole and before is not None and before["days"] == before["days_in_season"]
            found[year, season, name] = {
                "season_year": year, "season": season, "source": name, "days": len(days), "days_in_season": whole,
                "share": share, "share_change": share - before["share"] if before and is_whole else None,
            }  # fmt: skip
    return list(found.values())


def records(rows: Rows) -> Rows:
    """Rows of `records` for consumption and gas, highest steps."""
    found: Rows = []
    for measure, value in {"consumption": "peak_consumption_mw", "gas": "gas_mwh"}.items():
        best = sorted(rows, key=lambda row: (-row[value], row["local_date"]))[:10]
        found += [
            {"measure": measure, "record": "highest step", "place": place, "value_mw": row[value], "local_date": row["local_date"]}
            for place, row in enumerate(best, 1)
        ]  # fmt: skip
    return found
