"""Which days a run covers, at the edges."""

from datetime import date, datetime, timezone

import pytest
from odre.contract import load_contract
from odre.errors import WindowRefused
from odre.window import Request, Window, resolve_window

TODAY = date(2026, 11, 24)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def window(table: str, start: str, end: str, **options) -> Window:
    request = Request(at(start) if start else None, at(end), **options)
    return resolve_window(load_contract(table), request, TODAY)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        # 23:20 to 00:20 in Paris (UTC+1): two local days, though one day in UTC
        ("2026-01-09T22:20", "2026-01-09T23:20", (date(2026, 1, 9), date(2026, 1, 10))),
        # an interval that ends at local midnight does not touch the next day
        ("2026-01-09T22:00", "2026-01-09T23:00", (date(2026, 1, 9), date(2026, 1, 9))),
        # the summer offset is two hours
        ("2026-07-09T21:20", "2026-07-09T22:20", (date(2026, 7, 9), date(2026, 7, 10))),
        # year end
        ("2025-12-31T22:20", "2025-12-31T23:20", (date(2025, 12, 31), date(2026, 1, 1))),
        # DST days
        ("2026-03-29T00:20", "2026-03-29T01:20", (date(2026, 3, 29), date(2026, 3, 29))),
        ("2026-10-25T00:20", "2026-10-25T01:20", (date(2026, 10, 25), date(2026, 10, 25))),
    ],
)
def test_days_an_interval_touches(start, end, days):
    assert window("eco2mix_national_tr", start, end, look_back=False) == Window(*days)


def test_scheduled_runs_look_back_and_backfills_do_not():
    hour = ("2026-05-20T08:20", "2026-05-20T09:20")
    contract = load_contract("eco2mix_national_tr")
    assert window("eco2mix_national_tr", *hour).days == contract.lookback_days + 1
    assert window("eco2mix_national_tr", *hour, look_back=False).days == 1


def test_the_sweep_looks_back_further_once():
    contract = load_contract("stock_quotidien_stockages_gaz")
    ordinary = window("stock_quotidien_stockages_gaz", "2026-05-03T07:40", "2026-05-04T07:40")
    sweep = window("stock_quotidien_stockages_gaz", "2026-05-02T07:40", "2026-05-03T07:40")
    assert ordinary.days == contract.lookback_days + 2
    assert sweep.days == contract.sweep.lookback_days + 2


def test_a_window_never_begins_before_the_dataset():
    first = load_contract("temperature_quotidienne_regionale").start_date
    assert window("temperature_quotidienne_regionale", "2016-01-01T05:00", "2016-02-01T05:00").start == first


def test_a_run_without_interval_covers_the_day_it_was_asked_for():
    assert window("eco2mix_national_tr", "", "2026-11-23T12:00", look_back=False) == Window(*[date(2026, 11, 23)] * 2)


def test_asked_range_wins_and_full_refresh_is_everything():
    hour = ("2026-05-20T08:20", "2026-05-20T09:20")
    asked = window("eco2mix_national_tr", *hour, start_date="2021-12-01", end_date="2021-12-31")
    assert asked == Window(date(2021, 12, 1), date(2021, 12, 31))
    everything = window("eco2mix_national_tr", *hour, full_refresh=True)
    assert everything == Window(load_contract("eco2mix_national_tr").start_date, TODAY)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"start_date": "2022-01-02", "end_date": "2022-01-01"}, "before start_date"),
        ({"start_date": "2026-11-25", "end_date": "2026-11-26"}, "in the future"),
        ({"start_date": "2011-12-31", "end_date": "2012-01-01"}, "from 2012-01-01 on"),
        ({"start_date": "01/02/2022"}, "YYYY-MM-DD"),
        ({"start_date": "2022-02-30"}, "does not exist"),
        ({"full_refresh": True, "end_date": "2022-01-01"}, "choose one"),
    ],
)
def test_impossible_ranges_are_refused_with_the_dataset_and_the_fix(asked, says):
    with pytest.raises(WindowRefused, match=says) as refusal:
        window("eco2mix_national_tr", "2026-05-20T08:20", "2026-05-20T09:20", **asked)
    assert str(refusal.value).startswith("eco2mix-national-tr: ")


def test_instants_of_dst_days_are_23_and_25_hours_apart():
    lengths = []
    for day in (date(2022, 3, 27), date(2022, 10, 30), date(2022, 6, 1)):
        start, end = Window(day, day).instants("Europe/Paris")
        lengths.append((end - start).total_seconds() / 3600)
    assert lengths == [23, 25, 24]
