"""The page's JavaScript without a browser: every sentence and number equals what Python makes of the same days."""

from __future__ import annotations

import re
import statistics
from datetime import date, timedelta
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odre.dashboard.modules import import_map
from odre.dashboard.page import context as make_context
from odre.dashboard.sections import sections
from odre.dashboard.vocabulary import SEASONS, energy_column

from laptop.environment import REPOSITORY
from tests.node import node
from tests.pages import VOCABULARY, mart_columns, one_day

FOLDER = REPOSITORY / "plugins" / "odre" / "dashboard" / "page"
FIRST, DAYS = date(2019, 1, 1), 3 * 365 + 1
NUMBERS = st.one_of(st.none(), st.integers(-1000, 1000))


@pytest.fixture(scope="module")
def js():
    with node() as call:
        call("texts.js", "speak", "en", VOCABULARY.texts)
        yield call


def days(first: date, last: date, **changes) -> list[dict]:
    """The sample's days from `first` to `last`, as the mart has them; `changes` replace columns of all of them."""
    count = (last - first).days + 1
    empty = dict.fromkeys(mart_columns())
    made = [first + timedelta(days=i) for i in range(count)]
    return [empty | one_day(day, (day - FIRST).days) | changes for day in made]


class Pages:
    """Findings and tables of the page for days of the sample."""

    def __init__(self, js) -> None:
        self.js = js
        self.all = self.rows(days(FIRST, FIRST + timedelta(days=DAYS - 1)))
        self.context = make_context(VOCABULARY) | {"all": self.all}

    def rows(self, given: list[dict]) -> list[dict]:
        columns = {name: [row[name] for row in given] for name in mart_columns()}
        return self.js("days.js", "rowsOf", columns, list(SEASONS))

    def finding(self, section: str, given: list[dict]) -> str:
        said = self.js(f"sections/{section}.js", "finding", self.rows(given), self.context)
        return said and said.replace("\u00a0", " ")

    def table(self, section: str, given: list[dict]) -> dict | None:
        return self.js(f"sections/{section}.js", "table", self.rows(given), self.context)

    def lines(self, section: str, given: list[dict]) -> dict[str, list[str]]:
        return {name: cells for name, *cells in self.table(section, given)["lines"]}


@pytest.fixture(scope="module")
def pages(js):
    return Pages(js)


WINTER = days(date(2020, 12, 1), date(2021, 2, 28))
YEAR = days(date(2021, 1, 1), date(2021, 12, 31))
ONE = days(date(2021, 12, 15), date(2021, 12, 15))
NOTHING = [
    dict.fromkeys(mart_columns()) | {name: row[name] for name in ("local_date", "season", "season_year")}
    for row in WINTER
]


def total(given: list[dict], column: str) -> float:
    return sum(row[column] for row in given if row[column] is not None)


def correlation(given: list[dict], x, y) -> float:
    return float(np.corrcoef([x(row) for row in given], [y(row) for row in given])[0, 1])


def slope(given: list[dict], x, y) -> float:
    return float(np.polyfit([x(row) for row in given], [y(row) for row in given], 1)[0])


def celsius(row: dict) -> float:
    return row["mean_celsius"]


def megawatts(column: str):
    return lambda row: row[column] / row["hours_in_day"]


# ---------------------------------------------------------------- statistics


@given(st.lists(st.tuples(NUMBERS, st.one_of(st.none(), st.integers(1, 9)))))
def test_sums_and_means_leave_out_what_is_unknown(js, pairs):
    rows = [{"x": x, "w": w} for x, w in pairs]
    known = [x for x, _ in pairs if x is not None]
    both = [(x, w) for x, w in pairs if x is not None and w is not None]
    assert js("statistics.js", "sum", rows, "x") == (sum(known) if known else None)
    mean = js("statistics.js", "mean", rows, "x")
    assert mean == (pytest.approx(statistics.fmean(known)) if known else None)
    weighted = js("statistics.js", "weightedMean", rows, "x", "w")
    assert weighted == (pytest.approx(np.average([x for x, _ in both], weights=[w for _, w in both])) if both else None)
    assert js("statistics.js", "highest", rows, "x") == next((r for r in rows if r["x"] == max(known, default=0)), None)


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("number", [1234.56], "1,235"),
        ("number", [-0.004, 2], "0.00"),
        ("number", [None], "unknown"),
        ("cell", [None], "–"),
        ("percent", [0.1234], "12.3 %"),
        ("signed", [1.25, 1], "+1.3"),
        ("signed", [-1.25, 1], "−1.3"),
        ("signed", [0.001, 1], "0.0"),
        ("energy", [99_999], "100.0 GWh"),
        ("energy", [-1_234_567], "-1.235 TWh"),
        ("energy", [None], "unknown TWh"),
        ("counted", [1, "day"], "1 day"),
        ("counted", [1000, "day"], "1,000 days"),
        ("day", ["2021-12-01"], "1 December 2021"),
        ("month", ["2021-12-01"], "December 2021"),
        ("span", ["2021-12-01", "2021-12-01"], "1 December 2021"),
        ("span", ["2021-12-01", "2022-01-02"], "1 December 2021 to 2 January 2022"),
        ("listed", [["a"]], "a"),
        ("listed", [["a", "b", "c"]], "a, b and c"),
    ],
)
def test_numbers_dates_and_lists_in_words(js, name, given, text):
    assert js("format.js", name, *given).replace("\u00a0", " ") == text


# ---------------------------------------------------------------- days and periods


def test_days_get_their_names_and_seasons(pages):
    december, march = pages.rows(
        days(date(2020, 12, 31), date(2020, 12, 31)) + days(date(2021, 3, 1), date(2021, 3, 1))
    )
    assert (december["day_name"], december["season_of_year"]) == ("31 December 2020", "winter 2020–21")
    assert (march["day_name"], march["season_of_year"]) == ("1 March 2021", "spring 2021")
    assert (december["season_start"], march["season_start"]) == (4 * 2021, 4 * 2021 + 1)
    assert march["mean_consumption_mw"] == pytest.approx(march["consumption_mwh"] / 24)


@pytest.mark.parametrize(
    ("start", "count"), [(4 * 2020, 91), (4 * 2021, 90), (4 * 2021 + 1, 92), (4 * 2021 + 2, 92), (4 * 2021 + 3, 91)]
)
def test_length_of_a_season(js, start, count):
    assert js("days.js", "daysInSeason", start) == count


def test_long_periods_are_drawn_by_month_and_no_time_zone_shifts_a_day(pages, js):
    [row] = js("days.js", "bucketed", pages.rows(ONE), 1)
    assert row["bucket"] == 1000 * (date(2021, 12, 15) - date(1970, 1, 1)).total_seconds()
    assert (row["bucket_end"] - row["bucket"], row["bucket_name"]) == (86_400_000, "15 December 2021")
    months = js("days.js", "bucketed", pages.rows(WINTER), 89)
    assert [name for name, _ in groupby(row["bucket_name"] for row in months)] == [
        "December 2020", "January 2021", "February 2021"
    ]  # fmt: skip
    assert months[-1]["bucket_end"] - months[-1]["bucket"] == 28 * 86_400_000


@pytest.mark.parametrize(
    ("address", "period"),
    [
        ("#2021-12-01/2021-12-31", ["2021-12-01", "2021-12-31"]),
        ("#2021-12-31/2021-12-01", None),
        ("#2021-02-29/2021-03-01", None),
        ("#2021-99-01/2021-99-02", None),
        ("#mix", None),
        ("", None),
    ],
)
def test_period_of_an_address(js, address, period):
    assert js("period.js", "pickedIn", address, ["en", "fr"]) == {"period": period, "language": None}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_address_reads_back_what_it_was_made_of(js, language):
    picked = {"period": ["2021-12-01", "2021-12-31"], "language": language}
    assert js("period.js", "pickedIn", js("period.js", "addressOf", picked), ["en", "fr"]) == picked
    assert js("period.js", "pickedIn", "#2021-12-01/2021-12-31&language=de", ["en", "fr"])["language"] is None


def test_presets_end_on_the_last_day_with_a_mix(pages, js):
    given = pages.all + pages.rows([NOTHING[0] | {"local_date": "2022-01-01"}])
    assert js("period.js", "presets", given) == {
        "last-30": ["2021-12-02", "2021-12-31"],
        "last-365": ["2021-01-01", "2021-12-31"],
        "everything": ["2019-01-01", "2022-01-01"],
        "opening": ["2021-01-01", "2021-12-31"],
    }
    short = js("period.js", "presets", pages.rows(ONE))
    assert set(map(tuple, short.values())) == {("2021-12-15", "2021-12-15")}


# ---------------------------------------------------------------- findings and tables


def test_every_section_of_the_page_has_its_script():
    names = {section.name for section in sections(VOCABULARY)}
    assert names == {path.stem for path in (FOLDER / "sections").glob("*.js")}


def test_finding_of_the_mix(pages):
    production = total(WINTER, "production_mwh")
    shares = {s.label: total(WINTER, energy_column(s)) / production for s in VOCABULARY.sources}
    a, b, c, d = (f"{name} {100 * shares[name]:.1f} %" for name in sorted(shares, key=shares.get, reverse=True)[:4])
    assert pages.finding("mix", WINTER) == (
        "Over 90 days (1 December 2020 to 28 February 2021) "
        f"France consumed {total(WINTER, 'consumption_mwh') / 1e6:.3f} TWh and produced {production / 1e6:.3f} TWh: "
        f"{a}, {b}, {c} and {d}. "
        f"It exported {-total(WINTER, 'net_physical_import_mwh') / 1e6:.3f} TWh net (physical exchanges)."
    )
    gaps = [WINTER[0] | {"is_mix_complete": False, "net_physical_import_mwh": 10**8}, *WINTER[1:60], *NOTHING[60:]]
    said = pages.finding("mix", gaps)
    assert "Over 60 days" in said and "It imported " in said
    assert said.endswith(" 1 day of these is incomplete. 30 days of the period have no electricity mix.")


def test_finding_of_peaks_and_forecasts(pages):
    peak = max(WINTER, key=lambda row: row["peak_consumption_mw"])
    load = statistics.fmean(row["consumption_mwh"] / row["hours_in_day"] for row in WINTER)
    assert pages.finding("peaks_and_forecasts", WINTER) == (
        f"Consumption peaked at {peak['peak_consumption_mw']:,} MW on "
        f"{date.fromisoformat(peak['local_date']):%-d %B %Y}. "
        f"On average the day-ahead forecast was off by 900 MW ({90_000 / load:.1f} %, 90 days) "
        f"and the same-day forecast was off by 400 MW ({40_000 / load:.1f} %, 90 days)."
    )


def test_finding_of_kinds_of_days(pages):
    given = [row | {"top_source": "hydro"} for row in WINTER[:1]] + WINTER[1:]
    assert (
        pages.finding("kinds_of_days", given)
        == "The source that produced most was nuclear on 89 days and hydro on 1 day."
    )


ALL_SECTIONS = sorted(path.stem for path in (FOLDER / "sections").glob("*.js"))


@pytest.mark.parametrize("section", ALL_SECTIONS)
def test_a_single_day_is_said_without_comparing_it_with_itself(pages, section):
    said = pages.finding(section, ONE)
    if section in ("sources_and_temperature", "sources_and_gas_stock", "seasons", "kinds_of_days"):
        assert said is None
        return
    assert "from" not in said and "correlation" not in said.lower() and "15 December 2021 to" not in said
    assert said[-1] == "." and "NaN" not in said and "undefined" not in said
    if section == "gas_and_temperature":
        assert said == (
            f"The stock was {ONE[0]['stock_gwh'] / 1000:.1f} TWh on 15 December 2021, "
            f"{100 * ONE[0]['fill_level']:.0f} % of the most the sites had held by then."
        )


@pytest.mark.parametrize("section", ALL_SECTIONS)
def test_days_without_any_value_are_said_in_words(pages, section):
    said = pages.finding(section, NOTHING)
    assert re.match(r"There is no|No national gas stock|Too few days|No commercial exchange", said), said
    assert "NaN" not in said and "undefined" not in said and "null" not in said


# ---------------------------------------------------------------- the rest of the page


def test_tiles(pages, js):
    tiles = {tile["id"]: tile for tile in js("tiles.js", "tiles", pages.rows(WINTER + NOTHING))}
    shown = {name.removeprefix("tile-"): tile["value"].replace("\u00a0", " ") for name, tile in tiles.items()}
    clean = sum(row["low_carbon_share"] * row["production_mwh"] for row in WINTER) / total(WINTER, "production_mwh")
    assert shown == {
        "days": "90 of 180",
        "co2": f"{statistics.fmean(row['co2_g_per_kwh'] for row in WINTER):.1f}",
        "consumption": f"{total(WINTER, 'consumption_mwh') / 1e6:.3f}",
        "production": f"{total(WINTER, 'production_mwh') / 1e6:.3f}",
        "low-carbon": f"{100 * clean:.1f} %",
        "net-exchange": f"{-total(WINTER, 'net_commercial_import_mwh') / 1e6:.3f}",
        "temperature": f"{statistics.fmean(map(celsius, WINTER)):.1f}",
    }
    assert tiles["tile-net-exchange"]["label"] == "sold abroad, net, TWh"
    [bought] = [t for t in js("tiles.js", "tiles", pages.rows(days(date(2021, 1, 1), date(2021, 1, 1), net_commercial_import_mwh=2e6)))
                if t["id"] == "tile-net-exchange"]  # fmt: skip
    assert (bought["label"], bought["value"]) == ("bought abroad, net, TWh", "2.000")


def test_gaps_of_a_period_latest_first(js):
    gaps = [
        {"source_table": "a", "first": "2021-01-01", "last": "2021-01-03", "reason": "late", "missing": "x"},
        {"source_table": "b", "first": "2021-01-05", "last": "2021-01-05", "reason": "late", "missing": None},
        {"source_table": "b", "first": "2021-02-01", "last": "2021-02-01", "reason": "late", "missing": None},
    ]
    titles = {"a": "gas", "b": "wind"}
    found = js("gaps.js", "gapsIn", gaps, titles, ["2021-01-03", "2021-01-31"], 5)
    assert found == {
        "summary": "Missing in this period: 2 gaps.",
        "lines": ["Wind, 5 January 2021: something (late)", "Gas, 1 January 2021 to 3 January 2021: x (late)"],
    }
    one = js("gaps.js", "gapsIn", gaps, titles, ["2021-01-01", "2021-12-31"], 1)
    assert one["summary"] == "Missing in this period: 3 gaps, the latest 1 of them listed." and len(one["lines"]) == 1
    assert js("gaps.js", "gapsIn", gaps, titles, ["2021-03-01", "2021-03-31"], 5)["lines"] == []


def test_the_table_of_days_and_its_csv(js):
    rows = [{"day": "a", "n": 1234.5, "ok": True, "x": None}, {"day": 'b"c', "n": 1, "ok": False, "x": "y"}]
    columns = [{"column": "day"}, {"column": "n", "digits": 1}, {"column": "ok"}, {"column": "x"}]
    found = js("days_table.js", "daysTable", rows, columns, 2)
    assert found == {"lines": [['b"c', "1.0", "no", "y"], ["a", "1,234.5", "yes", ""]], "note": ""}
    assert js("days_table.js", "daysTable", rows, columns, 1)["note"] == "The last 1 of 2 days; the download has all."
    assert js("days_table.js", "csv", rows, ["day", "n", "x"]) == 'day,n,x\na,1234.5,\n"b""c",1,y\n'


def test_a_chart_without_days_says_what_is_missing(pages, js):
    words, rows = pages.context["words"], pages.rows(WINTER)
    chart = {"needs": [["stock_gwh", "mean_celsius"]], "least_days": 2}
    assert js("charts.js", "obstacle", chart, rows, words) == ""
    assert js("charts.js", "fits", chart, rows[:2]) and not js("charts.js", "fits", chart, rows[:1])
    missing = "No day of this period has a known national gas stock and a known temperature."
    assert js("charts.js", "obstacle", chart, pages.rows(NOTHING), words) == missing
    given = js("charts.js", "rowsFor", {"field": "stock_gwh"}, rows[:1])
    assert given == [{"stock_gwh": rows[0]["stock_gwh"]}]


def test_the_import_map_names_every_module_and_only_modules_that_exist(tmp_path):
    imports = import_map(FOLDER)["imports"]
    assert {name.removeprefix("page/") for name in imports} == {
        p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*.js")
    }
    (tmp_path / "a.js").write_text('import { b } from "./gone.js";\n')
    with pytest.raises(ValueError, match=r"page/a\.js imports \./gone\.js, which is no module of the page"):
        import_map(tmp_path)
