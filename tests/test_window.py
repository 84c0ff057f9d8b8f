"""The days that a run covers, in edge cases."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from odre.contract import load_contract, tables
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
        # month ends, of a short February and of a long one
        ("2026-02-28T22:20", "2026-02-28T23:20", (date(2026, 2, 28), date(2026, 3, 1))),
        ("2024-02-28T22:20", "2024-02-28T23:20", (date(2024, 2, 28), date(2024, 2, 29))),
        # the last minute before local midnight belongs to one day, the first after it to the next
        ("2026-01-09T21:59", "2026-01-09T22:59", (date(2026, 1, 9), date(2026, 1, 9))),
        ("2026-01-09T23:00", "2026-01-10T00:00", (date(2026, 1, 10), date(2026, 1, 10))),
        # midnight in winter time before the spring day, and in summer time after it; October the other way round
        ("2026-03-28T22:20", "2026-03-28T23:20", (date(2026, 3, 28), date(2026, 3, 29))),
        ("2026-03-29T21:20", "2026-03-29T22:20", (date(2026, 3, 29), date(2026, 3, 30))),
        ("2026-10-24T21:20", "2026-10-24T22:20", (date(2026, 10, 24), date(2026, 10, 25))),
        ("2026-10-25T22:20", "2026-10-25T23:20", (date(2026, 10, 25), date(2026, 10, 26))),
        # both of the hours that October repeats
        ("2026-10-24T23:20", "2026-10-25T02:20", (date(2026, 10, 25), date(2026, 10, 25))),
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
        ({"start_date": "2022-01-02", "end_date": "2022-01-01"}, "before the first day"),
        ({"start_date": "2026-11-26"}, "first day .* in the future"),
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


@pytest.mark.parametrize("table", tables())
def test_a_year_of_intervals_covers_every_day_and_touches_its_neighbours_at_most(table):
    """Backfills of every interval of 2020, clock changes and leap day included: no day is left out, and none covers
    more than the local days its interval touches."""
    contract = load_contract(table).model_copy(update={"start_date": date(2010, 1, 1)})
    zone = ZoneInfo(contract.timezone)
    ticks = croniter(contract.schedule, datetime(2019, 12, 1, tzinfo=zone))
    covered, start = set(), ticks.get_next(datetime)
    while start.astimezone(zone).year <= 2020:
        end = ticks.get_next(datetime)
        days = resolve_window(contract, Request(start, end, look_back=False), date(2026, 11, 24))
        first, last = start.astimezone(zone).date(), (end.astimezone(zone) - timedelta(microseconds=1)).date()
        assert (days.start, days.end) == (first, last)
        covered |= {days.start + timedelta(n) for n in range(days.days)}
        start = end
    assert {date(2020, 1, 1) + timedelta(n) for n in range(366)} <= covered


def test_the_hour_before_and_after_a_publication():
    """A value published at 23:50 for 23:45 is in the run of that hour and in that of the next day's first hour; gas
    published at 09:00 local is in the run of 09:40, winter and summer."""
    before, after = ("2026-01-09T22:20", "2026-01-09T23:20"), ("2026-01-09T23:20", "2026-01-10T00:20")
    assert all(window("eco2mix_national_tr", *hour).start <= date(2026, 1, 9) <= window("eco2mix_national_tr", *hour).end
               for hour in (before, after))  # fmt: skip
    for tick in ("2026-01-10T08:40", "2026-07-10T07:40"):
        run = window("stock_quotidien_stockages_gaz", f"{tick[:8]}09{tick[10:]}", tick)
        assert run.end == date.fromisoformat(tick[:10])


@pytest.mark.parametrize(
    ("table", "reason", "age", "sweep"),
    [
        ("eco2mix_national_tr", "real-time values are revised for hours and days", 3, False),
        ("eco2mix_national_tr", "consolidated values move three years later", 3 * 365, True),
        (
            "stock_quotidien_stockages_gaz",
            "an operator publishes a whole month in the middle of the next",
            31 + 15,
            False,
        ),
        ("stock_quotidien_stockages_gaz", "corrections of a past season", 2 * 365, True),
        ("temperature_quotidienne_regionale", "days are filled in within a year", 365, False),
        ("temperature_quotidienne_regionale", "days are filled in years later: the whole dataset", 9 * 365, True),
    ],
)
def test_look_back_reaches_what_is_known_of_the_dataset(table, reason, age, sweep):
    """Some run of every month (every half-year for temperatures) asks again for a day that old. What needs no sweep is
    reached without it."""
    contract = load_contract(table).model_copy(update={"start_date": date(2010, 1, 1)})
    if not sweep:
        contract = contract.model_copy(update={"sweep": None})
    zone = ZoneInfo(contract.timezone)
    ticks = croniter(contract.schedule, datetime(2026, 1, 1, tzinfo=zone))
    months = 3 if "eco2mix" in table else 12  # hourly runs are many
    start, reached = ticks.get_next(datetime), []
    while start.year == 2026 and start.month <= months:
        end = ticks.get_next(datetime)
        run = resolve_window(contract, Request(start, end), date(2027, 6, 1))
        if run.start <= max(start.date() - timedelta(age), contract.start_date):
            reached.append(start.month)
        start = end
    if not sweep:
        assert set(reached) == set(range(1, months + 1)), reason
    else:
        assert len(set(reached)) >= (2 if "temperature" in table else months), reason
        assert len(reached) <= 14, "a sweep is rare"
