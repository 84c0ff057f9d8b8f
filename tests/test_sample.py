"""The synthetic sample ends where real data would, follows the clock, and contains the events that a reader should find."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from odre.contract import load_contract
from odre.exports.writing import CanonicalWriter
from odre.window import Window

from laptop.replica import synthetic
from laptop.replica.schemas import ECO2MIX_CONS_DEF, ECO2MIX_TR, GAS_STORAGE, TEMPERATURE
from laptop.replica.server import ROOT, Catalogue, application
from laptop.replica.synthetic.moment import SETTING, first_day, moment

MOMENTS = ["2024-01-02T09:30", "2025-03-30T12:00", "2026-11-26T18:15", "2028-02-29T00:15"]
SOURCES = ("nucleaire", "eolien", "solaire", "hydraulique", "gaz", "bioenergies", "charbon", "fioul")


@pytest.fixture(params=MOMENTS)
def now(request, monkeypatch) -> dt.datetime:
    monkeypatch.setenv(SETTING, request.param)
    return moment()


def test_it_ends_yesterday_with_today_as_far_as_it_has_come(now):
    sample = synthetic.sample()
    mix, gas = sample[ECO2MIX_TR.id], sample[GAS_STORAGE.id]
    yesterday, today, tomorrow = (str(now.date() + dt.timedelta(days)) for days in (-1, 0, 1))
    for day, whole in ((yesterday, True), (today, False), (tomorrow, False)):
        rows = mix.filter(pc.equal(mix["date"], day))
        observed = rows.filter(pc.is_valid(rows["consommation"]))["heure"].to_pylist()
        late = [heure for heure in observed if f"{day}T{heure}" > now.isoformat()]
        assert rows.num_rows >= 94 and rows["prevision_j1"].null_count == 0 and not late
        # an hour late, so at a quarter past midnight yesterday lacks its last rows
        assert len(observed) >= 90 if whole else len(observed) < 96
    storengy = gas.filter(pc.equal(gas["source"], "Storengy"))
    assert (now.date() - pc.max(storengy["date"]).as_py()).days <= 2
    assert pc.min(gas["date"]).as_py() == first_day(now)


def test_without_a_setting_it_ends_now(monkeypatch):
    monkeypatch.delenv(SETTING)
    assert abs(dt.datetime.now(dt.timezone.utc) - moment().astimezone(synthetic.calendar.PARIS)) < dt.timedelta(
        hours=26
    )
    monkeypatch.setenv(SETTING, "yesterday")
    with pytest.raises(
        ValueError, match=r"ODRE_SAMPLE_NOW is 'yesterday', which is no local time → write it as 2024-01-02T09:30"
    ):
        moment()


@pytest.mark.parametrize("given", ["2026-11-26T18:15", "2028-02-29T09:30"])
def test_it_has_in_it_what_a_reader_should_find(monkeypatch, given):
    monkeypatch.setenv(SETTING, given)
    sample = synthetic.sample()
    mix, gas, temperature = (sample[dataset.id] for dataset in (ECO2MIX_TR, GAS_STORAGE, TEMPERATURE))
    means = mix.group_by("date").aggregate([(name, "mean") for name in SOURCES]).to_pylist()
    top = [max(SOURCES, key=lambda name: day[f"{name}_mean"]) for day in means if day["nucleaire_mean"]]
    assert {"nucleaire", "eolien"} <= set(top) and top.count("eolien") >= 8

    daily = temperature.group_by("date").aggregate([("tmoy", "mean")])
    frost = [day["date"] for day in daily.to_pylist() if day["tmoy_mean"] < 0]
    assert any(day + dt.timedelta(1) in frost and day + dt.timedelta(2) in frost for day in frost)

    last = {
        source: pc.max(gas.filter(pc.equal(gas["source"], source))["date"]).as_py() for source in ("Storengy", "Teréga")
    }
    assert last["Storengy"] > last["Teréga"]

    hours = mix.group_by("date").aggregate([("date_heure", "count_distinct")]).to_pylist()
    springs = [day["date"] for day in hours if day["date"][5:7] == "03" and day["date_heure_count_distinct"] < 94]
    assert len(springs) == 2, "in spring the hour that does not exist shares its instants with the next"
    assert sum(day["date"][5:7] == "10" for day in hours) >= 31

    consolidated = sample[ECO2MIX_CONS_DEF.id]
    twice = set(mix["date"].to_pylist()) & set(consolidated["date"].to_pylist())
    assert twice == {str(first_day(moment()) - dt.timedelta(1))} == {pc.max(consolidated["date"]).as_py()}
    first, revised = (
        table.filter(pc.equal(table["date"], min(twice))).group_by("date").aggregate(
            [("consommation", "mean"), ("fioul", "mean")]
        ).to_pylist()[0]
        for table in (mix, consolidated)
    )  # fmt: skip
    assert revised["consommation_mean"] > 1.005 * first["consommation_mean"]
    assert revised["fioul_mean"] < 0.7 * first["fioul_mean"]


def test_of_the_revised_day_the_consolidated_values_are_loaded(tmp_path):
    now = dt.datetime(2024, 4, 2, 9, 30)
    sample = synthetic.sample(start=dt.date(2024, 3, 1), as_of=now)
    day, contract = dt.date(2024, 2, 29), load_contract("eco2mix_national_tr")
    export, canonical = tmp_path / "export", tmp_path / "canonical.parquet"
    with CanonicalWriter(contract, Window(day - dt.timedelta(1), day + dt.timedelta(1)), canonical, {}) as writer:
        for name in (ECO2MIX_CONS_DEF.id, ECO2MIX_TR.id):
            days = pc.field("date").isin([str(day + dt.timedelta(n)) for n in (-1, 0, 1)])
            pq.write_table(sample[name].filter(days).sort_by([("date_heure", "ascending")]), export)
            writer.add(export, frozenset(writer.days_received))
    rows = pq.read_table(canonical)
    found = {
        date: set(rows.filter(pc.equal(rows["date"], date))["nature"].to_pylist())
        for date in rows["date"].unique().to_pylist()
    }
    assert list(found.values()) == [{"Données consolidées"}, {"Données consolidées"}, {"Données temps réel"}]


def test_it_goes_on_with_the_clock_and_not_after_somebody_has_moved_it():
    moments = iter([dt.datetime(2024, 3, 1), *[dt.datetime(2024, 3, 1)] * 2, *[dt.datetime(2024, 3, 2)] * 20])

    def sample(given: dict[str, str]) -> dict[str, pa.Table]:
        return synthetic.sample(dt.date(2024, 2, 1), dt.datetime.fromisoformat(given["as_of"]))

    catalogue = Catalogue(sample({"as_of": "2024-03-01"}), synthetic=True)
    client = TestClient(application(catalogue, sample, lambda: next(moments)))

    def last_day() -> str:
        path = f"{ROOT}/{GAS_STORAGE.id}/records"
        return client.get(path, params={"order_by": "date desc", "limit": "1"}).json()["results"][0]["date"]

    assert [last_day(), last_day()] == ["2024-02-28", "2024-02-28"]
    assert last_day() == "2024-02-29"
    assert client.put("/_now", json={"as_of": "2024-02-20T12:00"}).status_code == 200
    assert last_day() == "2024-02-19"
