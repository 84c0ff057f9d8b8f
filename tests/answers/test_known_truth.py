"""Invented data whose truth is known: with an effect, without one, with one that is only the season, and data that are
too short, constant or absent."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from laptop.manifest import MANIFEST, PROJECT
from laptop.stack import Stack
from laptop.warehouse import Warehouse
from tests.answers.landing import build, fill, table
from tests.stacks import emptied

REGIONS = [11, 24, 27, 28, 32, 44, 52, 53, 75, 76, 84, 93, 94]
SITES = ["Centre", "Saline", "Sediane", "Sediane B", "Serene", "Teréga"]


def weather(rng: np.random.Generator, length: int, memory: float) -> np.ndarray:
    """Noise of variance one in which neighbours resemble each other."""
    noise = rng.standard_normal(length)
    for i in range(1, length):
        noise[i] = memory * noise[i - 1] + np.sqrt(1 - memory**2) * noise[i]
    return noise


def invented(first: str, last: str) -> pd.DataFrame:
    """Days on which gas-fired power follows cold with 300 MW per °C and nothing else does; hydro and stock share the
    season and nothing more; and the exports of one border follow the anomaly of the stock while those of another do
    not."""
    rng = np.random.default_rng(2026)
    days = pd.date_range(first, last)
    size, season = len(days), np.cos(2 * np.pi * days.dayofyear / 365.25)
    slow = weather(rng, size, 0.99)
    frame = pd.DataFrame({"celsius": 12 - 9 * season + 3 * weather(rng, size, 0.7)}, index=days)
    frame["stock"] = 70_000 - 40_000 * np.sin(2 * np.pi * days.dayofyear / 365.25) + 5_000 * slow
    frame["gaz"] = 9_000 - 300 * frame["celsius"] + 200 * weather(rng, size, 0.7)
    frame["charbon"] = 1_000 + 60 * rng.standard_normal(size)
    frame["hydraulique"] = 7_000 + 3_000 * np.sin(2 * np.pi * days.dayofyear / 365.25) + 300 * weather(rng, size, 0.7)
    frame["fioul"] = 100.0
    for name, level in {"nucleaire": 40_000, "eolien": 3_000, "solaire": 1_000, "bioenergies": 1_000}.items():
        frame[name] = level + 0.02 * level * weather(rng, size, 0.7)
    frame["pompage"], frame["ech_physiques"] = -800.0, -5_000 + 100 * rng.standard_normal(size)
    frame["consommation"] = frame.drop(columns=["celsius", "stock"]).sum(axis=1)
    frame["ech_comm_espagne"] = -1_000 - 300 * slow + 50 * rng.standard_normal(size)
    frame["ech_comm_italie"] = -2_000 + 100 * rng.standard_normal(size)
    return frame


def landing(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The days as the three datasets have them: half-hours, sites, regions."""
    clock = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 1440, 30)]
    steps = frame.drop(columns=["celsius", "stock"]).round().astype("int64")
    steps = steps.loc[steps.index.repeat(48)].assign(heure=clock * len(frame))
    local = steps.index + pd.to_timedelta(steps["heure"] + ":00").to_numpy()
    steps["date_heure"] = local.tz_localize("UTC")
    steps = steps.assign(date=steps.index.date, perimetre="France", nature="Données définitives")
    sites = pd.concat([pd.DataFrame({"date": frame.index.date, "stock_fin_de_journee": frame["stock"].to_numpy() / 6,
                                     "source": "Storengy", "pits": site}) for site in SITES])  # fmt: skip
    regions = pd.concat([pd.DataFrame({"date": frame.index.date, "code_insee_region": code, "region": str(code),
                                       "tmoy": frame["celsius"].to_numpy()}) for code in REGIONS])  # fmt: skip
    return {
        "eco2mix_national_tr": steps,
        "stock_quotidien_stockages_gaz": sites,
        "temperature_quotidienne_regionale": regions,
    }


@pytest.fixture(scope="module")
def stack(shared_stack):
    with emptied(shared_stack) as stack:
        yield stack


def answers(stack: Stack, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    warehouse = Warehouse(stack.environment)
    for name, frame in tables.items():
        fill(stack, warehouse, name, frame)
    build()
    return table(warehouse, "answers").set_index(["question", "part", "method", "period"]).sort_index()


@pytest.fixture(scope="module")
def six_years(stack):
    """Six years, two months of which are lost."""
    frame = invented("2014-01-01", "2019-12-31")
    return answers(stack, landing(frame[~((frame.index >= "2016-04-01") & (frame.index < "2016-06-01"))]))


@pytest.fixture(scope="module")
def short(stack):
    """Forty days of the mix and of temperature, and no gas at all."""
    tables = landing(invented("2019-01-05", "2019-02-13"))
    return answers(stack, tables | {"stock_quotidien_stockages_gaz": tables["stock_quotidien_stockages_gaz"].head(0)})


def test_an_effect_is_found_and_its_interval_holds_it(six_years):
    for method in ("within_month",):
        row = six_years.loc[("sources_vs_temperature", "gas", method, "all")]
        # One interval of twenty misses the truth; none may miss it by more than half its own width.
        half = (row["upper"] - row["lower"]) / 2
        assert row["verdict"] == "yes" and abs(row["estimate"] - 300) < 2 * half, row
        assert 2 * half < 60
    years = six_years.loc[("sources_vs_temperature", "gas", "within_month")]
    assert (years.loc[["all", "2015", "2017", "2018", "2019", "trailing_year"], "verdict"] == "yes").all()
    # the data begin and end in the middle of a winter
    assert years.loc[["2014", "2020"], "reason"].tolist() == ["too_few_days"] * 2


def test_none_is_said_to_be_none(six_years):
    for part in ("coal", "solar"):
        row = six_years.loc[("sources_vs_temperature", part, "within_month", "all")]
        assert row["verdict"] == "no" and row["lower"] <= 0 <= row["upper"], row


def test_a_relation_that_is_the_season_is_not_taken_for_one(six_years):
    hydro = six_years.loc[("sources_vs_gas_storage", "hydro")]
    raw, anomaly = hydro.loc[("raw_correlation", "all")], hydro.loc[("anomaly_correlation", "all")]
    assert raw["estimate"] < -0.8 and raw["upper"] < -0.5
    assert (raw["verdict"], raw["reason"]) == ("not_detectable", "season_not_removed")
    assert anomaly["verdict"] != "yes" and anomaly["lower"] < 0 < anomaly["upper"]


def test_exchanges_that_follow_the_stock_are_told_from_those_that_do_not(six_years):
    spain = six_years.loc[("exchanges_vs_gas_storage", "spain/exports", "same_month_correlation", "all")]
    italy = six_years.loc[("exchanges_vs_gas_storage", "italy/exports", "same_month_correlation", "all")]
    assert spain["verdict"] == "yes" and spain["lower"] > 0.5
    assert italy["verdict"] != "yes"
    # the other borders have no values, and so the sum over all borders has none either
    assert (
        six_years.loc[("exchanges_vs_gas_storage", "all/exports", "same_month_correlation", "all")]["reason"]
        == "no_data"
    )


def test_the_lag_of_the_stock_is_found(six_years):
    row = six_years.loc[("gas_storage_vs_temperature", "stock", "annual_phase", "all")]
    # -sin follows -cos by a quarter of a year
    assert row["verdict"] == "yes" and row["lower"] < 91 < row["upper"] and row["upper"] - row["lower"] < 20, row
    assert row["lowest"] < row["estimate"] < row["highest"]


def test_warmth_that_adds_nothing_has_no_threshold(six_years):
    """Consumption falls with warmth on either side of every candidate."""
    for part, method in (("consumption", "cooling_threshold"), ("gas", "within_month_above_threshold")):
        row = six_years.loc[("sources_vs_temperature", part, method, "all")]
        assert (row["verdict"], row["reason"]) == ("not_detectable", "no_threshold") and pd.isna(row["estimate"]), row


def test_constant_columns_end_in_words(six_years):
    for part in ("fuel_oil", "batteries", "pumping"):
        row = six_years.loc[("sources_vs_temperature", part, "within_month", "all")]
        assert (row["verdict"], row["reason"]) == ("not_detectable", "constant") and pd.isna(row["estimate"])


def test_forty_days_tell_nothing_that_takes_years(short):
    told = short[short["verdict"] != "not_detectable"]
    assert set(told.index.get_level_values("method")) <= {"measured_share"}
    numbers = short.drop(index=told.index).query("reason != 'season_not_removed' and reason != 'interval_too_wide'")
    assert numbers["estimate"].isna().all() and numbers["lower"].isna().all()
    assert short.loc[("sources_vs_temperature", "gas", "within_month", "all")]["reason"] == "too_few_days"
    assert short.loc[("sources_vs_temperature", "gas", "anomaly_correlation", "all")]["reason"] == "too_few_years"


def test_what_has_no_data_says_so(short):
    for question in ("gas_storage_vs_temperature", "sources_vs_gas_storage", "exchanges_vs_gas_storage"):
        rows = short.loc[question]
        assert (rows["reason"] == "no_data").all() and (rows["days"] == 0).all()


def test_three_query_jobs_make_the_answers():
    """Whatever only the answers need is part of one of three tables."""
    nodes = {
        name: node for name, node in json.loads(MANIFEST.read_text(encoding="utf-8"))["nodes"].items()
        if node["resource_type"] == "model"
    }  # fmt: skip
    read_by = {name: {other for other, node in nodes.items() if name in node["depends_on"]["nodes"]} for name in nodes}
    of_the_answers = {name for name in nodes if name.rpartition(".")[2] in {"answers", "anomalies_daily"}}
    while more := {name for name, readers in read_by.items() if readers and readers <= of_the_answers} - of_the_answers:
        of_the_answers |= more
    built = {nodes[name]["name"] for name in of_the_answers if nodes[name]["config"]["materialized"] != "ephemeral"}
    assert built == {"anomalies_daily", "int_answers_sums", "answers"}
    assert {nodes[f"model.eco2mix.{name}"]["config"]["materialized"] for name in built} == {"table"}


def test_the_seed_of_holidays_is_what_the_package_says():
    from tests.answers.public_holidays import SEED, rendered

    assert SEED.parent == PROJECT / "seeds"
    assert SEED.read_text(encoding="utf-8") == rendered()
