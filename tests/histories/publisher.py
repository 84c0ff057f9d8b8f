"""Publishers whose datasets change as ODRÉ's do: days appear, are revised, move from the real-time dataset to the
consolidated one, lose rows or values; operators are late. Five days with few rows, which have everything that the
contracts ask for.

Every value is new: a table that keeps an old one cannot look right by chance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pyarrow as pa

from laptop.replica.schemas import DATASETS

DAYS = 5
PARIS = ZoneInfo("Europe/Paris")
TR, CONS, DEF = "Données temps réel", "Données consolidées", "Données définitives"
Row = dict[str, object]


class Publisher:
    """The data that one publisher holds now.

    :param base: first day; day 0 of all changes.
    :param is_history_gone: the dataset of older days, where there is one, does not exist for now.
    """

    is_history_gone = False
    table: str
    changes: tuple[str, ...]

    def __init__(self, base: dt.date) -> None:
        self.base, self.values = base, 0
        self.held: dict[str, dict[tuple, Row]] = {name: {} for name in self.dataset_ids}

    @property
    def dataset_ids(self) -> tuple[str, ...]:
        raise NotImplementedError

    def change(self, kind: str, day: int, part: int) -> None:
        """Make a change of `changes` happen to day number `day` and part (step, site, region) number `part`."""
        getattr(self, kind)(day, part)

    def day(self, number: int) -> dt.date:
        return self.base + dt.timedelta(number)

    def new(self) -> int:
        """A value never used before."""
        self.values += 1
        return self.values

    def served(self) -> dict[str, pa.Table]:
        """The datasets as the replica serves them, every column that ODRÉ has."""
        tables = {}
        for name, rows in self.held.items():
            fields = DATASETS[name].fields
            columns = {f.name: [_typed(row.get(f.name), f.arrow_type) for row in rows.values()] for f in fields}
            tables[name] = pa.table({f.name: pa.array(columns[f.name], f.arrow_type) for f in fields})
        return tables

    def rows(self, day: dt.date) -> list[Row]:
        """The rows that stand for a day, of whichever dataset answers for it."""
        raise NotImplementedError

    def _each(self, day: dt.date, part: int, names: list) -> list[tuple[dict, tuple]]:
        chosen = names[part % len(names)]
        return [(rows, key) for rows in self.held.values() for key in list(rows) if day in key and chosen in key]


def _typed(value: object, kind: pa.DataType) -> object:
    return str(value) if value is not None and pa.types.is_string(kind) else value


class Mix(Publisher):
    """éCO2mix: four steps a day, one of them in the hour that spring skips."""

    table = "eco2mix_national_tr"
    dataset_ids = ("eco2mix-national-tr", "eco2mix-national-cons-def")
    changes = (
        "consolidate",
        "publish",
        "settle_half",
        "revise",
        "leave",
        "drop",
        "begin",
        "blank",
        "settle",
        "consolidate",
    )
    clocks = ("00:00", "02:30", "03:30", "23:30")

    def _row(self, day: dt.date, clock: str, nature: str, observed: bool) -> Row:
        instant = dt.datetime.combine(day, dt.time.fromisoformat(clock), PARIS).astimezone(dt.timezone.utc)
        measure = self.new() if observed else None
        return {"perimetre": "France", "nature": nature, "date": str(day), "heure": clock, "date_heure": instant,
                "consommation": measure, "prevision_j1": self.new(), "ech_comm_angleterre": measure}  # fmt: skip

    @property
    def real_time(self) -> dict[tuple, Row]:
        return self.held[self.dataset_ids[0]]

    @property
    def consolidated(self) -> dict[tuple, Row]:
        return self.held[self.dataset_ids[1]]

    def publish(self, day: int, part: int) -> None:
        """A day in real time; after step `part` it holds forecasts only."""
        for number, clock in enumerate(self.clocks):
            self.real_time[self.day(day), clock] = self._row(self.day(day), clock, TR, number <= part)

    def consolidate(self, day: int, part: int) -> None:
        """The consolidated dataset holds every day up to this one."""
        for number in range(day + 1):
            for clock in self.clocks:
                if (self.day(number), clock) not in self.consolidated:
                    self.consolidated[self.day(number), clock] = self._row(self.day(number), clock, CONS, True)

    def begin(self, day: int, part: int) -> None:
        """The consolidated dataset holds every day before this one, and begins to hold it: its first steps."""
        self.consolidate(day - 1, part)
        for clock in self.clocks[:2]:
            self.consolidated.setdefault((self.day(day), clock), self._row(self.day(day), clock, CONS, True))

    def leave(self, day: int, part: int) -> None:
        """Days up to this one leave the real-time dataset."""
        for key in [key for key in self.real_time if key[0] <= self.day(day)]:
            del self.real_time[key]

    def settle(self, day: int, part: int) -> None:
        """Consolidated days up to this one become definitive."""
        for key in [key for key in self.consolidated if key[0] <= self.day(day)]:
            self.consolidated[key] = self._row(*key, DEF, True)

    def settle_half(self, day: int, part: int) -> None:
        """One step of a consolidated day becomes definitive before the others."""
        key = self.day(day), self.clocks[part % 4]
        if key in self.consolidated:
            self.consolidated[key] = self._row(*key, DEF, True)

    def revise(self, day: int, part: int) -> None:
        for rows, key in self._each(self.day(day), part, self.clocks):
            rows[key] = self._row(*key, rows[key]["nature"], rows[key]["consommation"] is not None)

    def drop(self, day: int, part: int) -> None:
        for rows, key in self._each(self.day(day), part, self.clocks):
            del rows[key]

    def blank(self, day: int, part: int) -> None:
        for rows in self.held.values():
            for key in [key for key in rows if key[0] == self.day(day)]:
                rows[key] = rows[key] | {"consommation": None, "ech_comm_angleterre": None}

    def rows(self, day: dt.date) -> list[Row]:
        observed = [key for key, row in self.consolidated.items() if row["consommation"] is not None]
        last, clock = max(observed, default=(dt.date.min, ""))
        whole_until = last if clock == "23:30" else last - dt.timedelta(1) if observed else last
        rows = self.consolidated if day <= whole_until and not self.is_history_gone else self.real_time
        return [row for key, row in rows.items() if key[0] == day]


class Gas(Publisher):
    """Stocks of four sites of two operators, one of whom is late."""

    table = "stock_quotidien_stockages_gaz"
    dataset_ids = ("stock-quotidien-stockages-gaz",)
    changes = ("publish", "publish_late", "revise", "drop", "blank", "withdraw", "hand_over")
    sites = ("Centre", "Saline", "Serene", "Teréga")

    def __init__(self, base: dt.date) -> None:
        super().__init__(base)
        self.operators = {site: "Teréga" if site == "Teréga" else "Storengy" for site in self.sites}

    def _publish(self, day: int, operator: str) -> None:
        for site in self.sites:
            if self.operators[site] == operator:
                self._stock[self.day(day), site] = self._row(self.day(day), site)

    def _row(self, day: dt.date, site: str) -> Row:
        return {"date": day, "pits": site, "source": self.operators[site], "stock_fin_de_journee": float(self.new())}

    @property
    def _stock(self) -> dict[tuple, Row]:
        return self.held[self.dataset_ids[0]]

    def publish(self, day: int, part: int) -> None:
        self._publish(day, "Storengy")

    def publish_late(self, day: int, part: int) -> None:
        """The late operator catches up to a day."""
        for number in range(day + 1):
            if (self.day(number), "Teréga") not in self._stock:
                self._publish(number, "Teréga")

    def revise(self, day: int, part: int) -> None:
        for rows, key in self._each(self.day(day), part, self.sites):
            rows[key] = self._row(*key)

    def drop(self, day: int, part: int) -> None:
        for rows, key in self._each(self.day(day), part, self.sites):
            del rows[key]

    def blank(self, day: int, part: int) -> None:
        for key in [key for key in self._stock if key[0] == self.day(day)]:
            self._stock[key] = self._stock[key] | {"stock_fin_de_journee": None}

    def withdraw(self, day: int, part: int) -> None:
        """An operator takes a day back."""
        operator = ("Storengy", "Teréga")[part % 2]
        for key in [key for key, row in self._stock.items() if key[0] == self.day(day) and row["source"] == operator]:
            del self._stock[key]

    def hand_over(self, day: int, part: int) -> None:
        """A site goes to the other operator, who restates it from this day on."""
        site = self.sites[part % 4]
        self.operators[site] = "Teréga" if self.operators[site] == "Storengy" else "Storengy"
        for key in [key for key in self._stock if key[1] == site and key[0] >= self.day(day)]:
            self._stock[key] = self._row(*key)

    def rows(self, day: dt.date) -> list[Row]:
        return [row for key, row in self._stock.items() if key[0] == day]


class Temperature(Publisher):
    """Temperatures of three regions; whole days are filled in late."""

    table = "temperature_quotidienne_regionale"
    dataset_ids = ("temperature-quotidienne-regionale",)
    changes = ("publish", "fill", "revise", "drop", "blank", "relabel")
    regions = (11, 24, 93)

    def __init__(self, base: dt.date) -> None:
        super().__init__(base)
        self.spelling = 0

    @property
    def _days(self) -> dict[tuple, Row]:
        return self.held[self.dataset_ids[0]]

    def _row(self, day: dt.date, region: int) -> Row:
        value = self.new() / 100
        return {"id": f"{day}T00:00:00-{region}", "date": day, "code_insee_region": region,
                "region": f"R{region} {self.spelling}", "tmin": value, "tmax": value, "tmoy": value}  # fmt: skip

    def publish(self, day: int, part: int) -> None:
        for region in self.regions:
            self._days[self.day(day), region] = self._row(self.day(day), region)

    def fill(self, day: int, part: int) -> None:
        """Every day up to this one that is missing."""
        for number in range(day + 1):
            for region in self.regions:
                self._days.setdefault((self.day(number), region), self._row(self.day(number), region))

    def revise(self, day: int, part: int) -> None:
        for rows, key in self._each(self.day(day), part, self.regions):
            rows[key] = self._row(*key)

    def drop(self, day: int, part: int) -> None:
        for rows, key in self._each(self.day(day), part, self.regions):
            del rows[key]

    def blank(self, day: int, part: int) -> None:
        for key in [key for key in self._days if key[0] == self.day(day)]:
            self._days[key] = self._days[key] | {"tmoy": None}

    def relabel(self, day: int, part: int) -> None:
        """Regions are spelt differently, in all rows."""
        self.spelling += 1
        for key, row in self._days.items():
            self._days[key] = row | {"region": f"R{key[1]} {self.spelling}"}

    def rows(self, day: dt.date) -> list[Row]:
        return [row for key, row in self._days.items() if key[0] == day]


PUBLISHERS: dict[str, Callable[[dt.date], Publisher]] = {kind.table: kind for kind in (Mix, Gas, Temperature)}
