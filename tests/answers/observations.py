"""The observations behind every answer, made with pandas from the real exports, as the models make them in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import holidays
import numpy as np
import pandas as pd

SOURCES = {"fioul": "fuel_oil", "charbon": "coal", "gaz": "gas", "nucleaire": "nuclear", "eolien": "wind",
           "solaire": "solar", "hydraulique": "hydro", "bioenergies": "bioenergy"}  # fmt: skip
# GWh a day; a stock that moves by more is no withdrawal.
POSSIBLE_GAS_CHANGE = 2300
BORDERS = {"ech_comm_angleterre": "great_britain", "ech_comm_espagne": "spain", "ech_comm_italie": "italy",
           "ech_comm_suisse": "switzerland", "ech_comm_allemagne_belgique": "germany_belgium"}  # fmt: skip
BALANCE = ["consumption", *SOURCES.values(), "pumping", "net_imports"]
HEATING = 15.0
SEASONS = ["winter", "spring", "summer", "autumn"]
Key = tuple[str, str, str]


def steps(history: pd.DataFrame) -> pd.DataFrame:
    """Half-hours without the clock times that do not exist, with the columns date, hour and English names."""
    frame = history.assign(date=pd.to_datetime(history["date"]))
    spring = {date.date() for date in frame["date"].unique() if _hours(date) == 23}
    frame = frame[~(frame["date"].dt.date.isin(spring) & frame["heure"].str.startswith("02:"))]
    names = SOURCES | {"consommation": "consumption", "pompage": "pumping", "ech_physiques": "net_imports"}
    return frame.rename(columns=names).assign(hour=frame["heure"].str[:2])


def _hours(date: pd.Timestamp) -> float:
    midnight = date.tz_localize("Europe/Paris")
    return (midnight + pd.DateOffset(days=1) - midnight).total_seconds() / 3600


def mix_of(steps: pd.DataFrame) -> pd.DataFrame:
    """Means of the days of `steps`: the balance, and exports and imports where it has borders."""
    mix = steps.groupby("date")[BALANCE].mean()
    if not set(BORDERS) <= set(steps):
        return mix
    for column, border in BORDERS.items():
        mix[f"export_{border}"] = (-steps[column]).clip(lower=0).groupby(steps["date"]).mean()
        mix[f"import_{border}"] = steps[column].clip(lower=0).groupby(steps["date"]).mean()
    for way in ("export", "import"):
        mix[f"{way}_all"] = mix[[f"{way}_{border}" for border in BORDERS.values()]].sum(axis=1, skipna=False)
    return mix


def days(steps: pd.DataFrame, gas: pd.DataFrame, temperatures: pd.DataFrame, populations: Path) -> pd.DataFrame:
    """One row per calendar day with everything the answers are made of, anomalies included."""
    mix = mix_of(steps)
    sites = gas.pivot(index="date", columns="pits", values="stock_fin_de_journee")
    regions = temperatures.pivot(index="date", columns="code_insee_region", values="tmoy")
    sites.index, regions.index = pd.to_datetime(sites.index), pd.to_datetime(regions.index)
    every = pd.concat([mix, sites, regions]).index
    index = pd.date_range(every.min(), every.max())
    frame = mix.reindex(index)
    sites, regions = sites.reindex(index), regions.reindex(index)
    reported = sites.sum(axis=1, skipna=False)
    has_a_year = index >= reported.first_valid_index() + pd.Timedelta(days=365)
    fall = reported.shift(1) - reported
    leaps = fall.abs() > POSSIBLE_GAS_CHANGE
    # One of the two stocks around a leap is wrong, and it is not known which.
    frame["stock"] = reported.mask(leaps | leaps.shift(-1, fill_value=False))
    greatest = frame["stock"].rolling(pd.Timedelta(days=1827), min_periods=1).max()
    frame["fill"] = (frame["stock"] / greatest).where(has_a_year)
    frame["withdrawal"] = fall.mask(leaps)
    weights = pd.read_csv(populations).query("in_perimeter").set_index("region_code")["population"]
    frame["weighted"] = regions[weights.index].mul(weights).sum(axis=1, skipna=False) / weights.sum()
    frame["effective"] = _effective(frame["weighted"])
    frame["degree_days"] = (HEATING - frame["weighted"]).clip(lower=0)
    public = holidays.country_holidays("FR", years=range(2010, 2031))
    frame["workday"] = [date.day_of_week < 5 and date.date() not in public for date in index]
    frame["year"], frame["month"] = index.year, index.strftime("%Y-%m")
    frame["half_month"] = frame["month"] + np.where(index.day > 15, " b", " a")
    frame["winter"] = np.where(index.month.isin([11, 12, 1, 2, 3]), index.year + (index.month >= 11), np.nan)
    frame["season"] = [SEASONS[month % 12 // 3] for month in index.month]
    frame["season_year"] = index.year + (index.month == 12)
    frame["darkness"] = np.cos(2 * np.pi * (index.dayofyear + 10) / 365.25)
    frame["date"] = index
    for column in [*BALANCE, "stock", "withdrawal", "weighted"]:
        frame[f"{column}_anomaly"] = (frame[column] - normals(frame[column])).round(6)
    return frame


def _effective(weighted: pd.Series) -> pd.Series:
    """Half of today's temperature, a quarter of yesterday's, and so on for eight days; the weights of unknown days are
    shared among the known ones."""
    weights = [0.5 ** (lag + 1) for lag in range(8)]
    total = sum(weight * weighted.shift(lag).fillna(0) for lag, weight in enumerate(weights))
    known = sum(weight * weighted.shift(lag).notna() for lag, weight in enumerate(weights))
    return (total / known).where(weighted.notna() & (known >= 0.7))


def normals(values: pd.Series) -> pd.Series:
    """Mean of the values of all years within fifteen days of the day of the year, over three years or more."""
    day = pd.to_datetime("2020-" + values.index.strftime("%m-%d")).dayofyear
    table = values.groupby([day, values.index.year]).mean().unstack()
    found = {}
    for centre in range(1, 367):
        window = table.reindex([(centre + offset - 1) % 366 + 1 for offset in range(-15, 16)])
        enough = (window.notna().sum() >= 16).sum() >= 3
        found[centre] = round(float(np.nanmean(window.to_numpy())), 6) if enough else np.nan
    return pd.Series([found[d] for d in day], index=values.index)


def _series(
    frame: pd.DataFrame, x: pd.Series | float, y: pd.Series, group: str | None, z: pd.Series | float = np.nan
) -> pd.DataFrame:
    """The columns every estimate takes; `group` None is one group."""
    kept = frame[["date", "year", "month", "half_month", "winter"]].assign(x=x, y=y, z=z)
    return kept.assign(group="all" if group is None else frame[group])


def temperature(frame: pd.DataFrame) -> Iterator[tuple[Key, pd.DataFrame]]:
    """Question 3, but for the hours."""
    known = frame[frame["consumption"].notna()]
    warm = known[known["effective"] >= HEATING]
    threshold = cooling_threshold(frame)
    for part in BALANCE:
        question = "sources_vs_temperature"
        cold = _by_winter(known[known["weighted"] < HEATING])
        yield (question, part, "within_month"), _series(cold, -cold["weighted"], cold[part], "month")
        cold = _by_winter(known[known["effective"] < HEATING])
        yield (question, part, "within_month_effective"), _series(cold, -cold["effective"], cold[part], "month")
        degrees = (warm["effective"] - threshold).clip(lower=0)
        yield (question, part, "within_month_above_threshold"), _series(warm, degrees, warm[part], "month")
        for question, x in (("sources_vs_temperature", "weighted"), ("sources_vs_gas_storage", "stock")):
            both = known[known[x].notna()]
            yield (question, part, "raw_correlation"), _series(both, both[x], both[part], None)
            yield (
                (question, part, "anomaly_correlation"),
                _series(both, both[f"{x}_anomaly"], both[f"{part}_anomaly"], None),
            )


def _by_winter(frame: pd.DataFrame) -> pd.DataFrame:
    """With July to June as the year, named after the year of its March."""
    return frame.assign(year=frame.index.year + (frame.index.month >= 7))


def cooling_threshold(frame: pd.DataFrame) -> float:
    """Where consumption of workdays begins to rise with temperature; NaN where that cannot be told, or where a single
    year moves it by more than three degrees in all."""
    warm = frame[frame["workday"] & frame["consumption"].notna() & (frame["effective"] >= HEATING)]
    if len(warm) < 30 or warm["year"].nunique() < 2:
        return np.nan
    without = [_bend(warm[warm["year"] != year]) for year in warm["year"].unique()]
    return _bend(warm) if max(without) - min(without) <= 3 else np.nan


def _bend(warm: pd.DataFrame) -> float:
    """The whole degree whose bend explains most within months; NaN where consumption rises above none."""
    y = warm["consumption"] - warm.groupby("month")["consumption"].transform("mean")
    explained = {}
    for candidate in range(16, 25):
        degrees = (warm["effective"] - candidate).clip(lower=0)
        x = degrees - degrees.groupby(warm["month"]).transform("mean")
        if (x**2).sum() > 0 and (x * y).sum() > 0:
            explained[candidate] = np.corrcoef(x, y)[0, 1]
    return float(max(explained, key=explained.__getitem__)) if explained else np.nan


def thermosensitivity(frame: pd.DataFrame, hours: pd.DataFrame) -> Iterator[tuple[Key, pd.DataFrame]]:
    """Question 3, by hour of the day."""
    cold = frame[frame["winter"].notna() & frame["workday"] & frame["effective"].notna() & frame["consumption"].notna()]
    cold = cold.assign(year=cold["winter"].astype(int))
    by_hour = hours.groupby(["hour", "date"])["consumption"].mean()
    parts = {"day": cold["consumption"]} | {
        f"hour_{h}": by_hour[h].reindex(cold.index) for h in by_hour.index.levels[0]
    }
    for part, y in parts.items():
        key = "sources_vs_temperature", f"thermosensitivity/{part}"
        yield (*key, "within_winter"), _series(cold, -cold["effective"], y, "winter")
        yield (*key, "within_winter_given_daylight"), _series(cold, -cold["effective"], y, "winter", cold["darkness"])


def gas(frame: pd.DataFrame) -> Iterator[tuple[Key, pd.DataFrame]]:
    """Question 2, and gas-fired power against withdrawal."""
    question = "gas_storage_vs_temperature"
    for part in ("stock", "withdrawal"):
        both = frame[frame["weighted"].notna() & frame[part].notna()]
        yield (question, part, "raw_correlation"), _series(both, both["weighted"], both[part], None)
        yield (
            (question, part, "anomaly_correlation"),
            _series(both, both["weighted_anomaly"], both[f"{part}_anomaly"], None),
        )
    both = frame[frame["weighted"].notna() & frame["withdrawal"].notna()]
    for part, regime in {"all_year": both, "november_to_march": both[both["winter"].notna()],
                         "april_to_october": both[both["winter"].isna()]}.items():  # fmt: skip
        for method, group in (("raw_slope", None), ("within_month", "month")):
            yield (
                (question, f"withdrawal/{part}", method),
                _series(regime, regime["degree_days"], regime["withdrawal"], group),
            )
    yield (question, "drawdown", "per_winter"), _drawdowns(frame)
    yield (question, "stock", "annual_phase"), _lags(frame)
    both = frame[frame["withdrawal"].notna() & frame["gas"].notna()]
    for method, suffix, z in (("raw_correlation", "", np.nan), ("anomaly_correlation", "_anomaly", np.nan),
                              ("anomaly_correlation_given_temperature", "_anomaly", both["weighted_anomaly"])):  # fmt: skip
        yield (
            ("sources_vs_gas_storage", "gas/withdrawal", method),
            _series(both, both[f"withdrawal{suffix}"], both[f"gas{suffix}"], None, z),
        )


def _drawdowns(frame: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for winter, part in frame[frame["winter"].notna()].groupby("winter"):
        first, last = pd.Timestamp(int(winter) - 1, 10, 31), pd.Timestamp(int(winter), 3, 31)
        if part["weighted"].count() >= 136 and first in frame.index and last in frame.index:
            drawn = frame.loc[first, "stock"] - frame.loc[last, "stock"]
            rows.append({"date": last, "year": int(winter), "x": -part["weighted"].mean(), "y": drawn})
    return pd.DataFrame(rows, columns=["date", "year", "x", "y"]).dropna().assign(z=np.nan, group="all")


def _lags(frame: pd.DataFrame) -> pd.DataFrame:
    """Days by which the year's wave of the stock follows that of temperature, from the first coefficient of Fourier."""
    rows = []
    for year, part in frame.dropna(subset=["stock", "weighted"]).groupby("year"):
        if len(part) >= 330:
            turn = np.exp(2j * np.pi * part.index.dayofyear / 365.25)
            stock, weighted = (((part[c] - part[c].mean()) * turn).sum() for c in ("stock", "weighted"))
            days = np.angle(stock * np.conj(weighted)) * 365.25 / (2 * np.pi)
            changes = part[["stock", "weighted"]].nunique().min() > 1
            rows.append({"date": part.index[-1], "year": year, "y": days if changes else np.nan})
    return pd.DataFrame(rows, columns=["date", "year", "y"]).assign(x=0.0, z=np.nan, group="all")


def seasons(frame: pd.DataFrame) -> Iterator[tuple[Key, pd.DataFrame]]:
    """Question 5."""
    names = list(SOURCES.values())
    known = frame[frame["consumption"].notna()].assign(production=lambda f: f[names].sum(axis=1))
    energy = known.groupby(["season_year", "season"])[[*names, "production"]].sum()
    share = 100 * energy[names].div(energy["production"], axis=0)
    share = share[known.groupby(["season_year", "season"]).size() >= 81]
    whole = share.groupby("season_year").size() == 4
    difference = share - share.groupby("season_year").transform("mean")
    difference = difference[difference.index.get_level_values(0).isin(whole[whole].index)]
    for part in names:
        for season in SEASONS:
            for method, table in (("season_share", share), ("season_difference", difference), ("season_trend", share)):
                y = table[table.index.get_level_values("season") == season].droplevel("season")[part]
                years = y.index.to_numpy()
                rows = pd.DataFrame(
                    {"y": y.to_numpy(), "year": years, "x": years.astype(float) if method == "season_trend" else 0.0}
                )
                yield ("mix_by_season", f"{part}/{season}", method), rows.assign(z=np.nan, group="all", date=pd.NaT)
        for method, group in (("explained_by_season", "season"), ("explained_by_year", "season_year")):
            daily = _series(known, 0.0, 100 * known[part] / known["production"], group)
            yield ("mix_by_season", part, method), daily.assign(year=known["season_year"])


def exchanges(frame: pd.DataFrame) -> Iterator[tuple[Key, pd.DataFrame]]:
    """Question 6: the net physical exchange, and what is traded where the data have it."""
    yield from _monthly(frame, "all/net_physical_exports", -frame["net_imports"])
    if f"export_{next(iter(BORDERS.values()))}" not in frame:
        return
    for border in ["all", *BORDERS.values()]:
        out, into = frame[f"export_{border}"], frame[f"import_{border}"]
        for flow, mw in {"volume": out + into, "exports": out, "imports": into, "net_exports": out - into}.items():
            yield from _monthly(frame, f"{border}/{flow}", mw)


def _monthly(frame: pd.DataFrame, part: str, mw: pd.Series) -> Iterator[tuple[Key, pd.DataFrame]]:
    """Monthly means of power against those of the fill level."""
    known = frame.assign(mw=mw)[frame["fill"].notna() & mw.notna()]
    months = known.groupby("month").agg(
        x=("fill", "mean"), y=("mw", "mean"), days=("date", "size"), date=("date", "max")
    )
    months = months[months["days"] >= 25].assign(z=np.nan, year=lambda m: m["date"].dt.year)
    for method, group in (("raw_correlation", "all"), ("same_month_correlation", months["date"].dt.month)):
        yield ("exchanges_vs_gas_storage", part, method), months.assign(group=group)
