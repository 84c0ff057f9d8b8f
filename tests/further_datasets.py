"""Two datasets that the repository does not have, in the form of the API's catalogue and with rows: gas consumption by
day, and the electricity mix of twelve regions by quarter-hour, including forecasts of tomorrow."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

PARIS = ZoneInfo("Europe/Paris")
FIRST, LAST = dt.date(2023, 12, 27), dt.date(2024, 1, 1)
DAYS = [FIRST + dt.timedelta(n) for n in range((LAST - FIRST).days + 1)]
DAILY, REGIONAL = "consommation-quotidienne-gaz", "eco2mix-regional-tr"
REGIONS = {11: "Île-de-France", 24: "Centre-Val de Loire", 27: "Bourgogne-Franche-Comté", 28: "Normandie",
           32: "Hauts-de-France", 44: "Grand Est", 52: "Pays de la Loire", 53: "Bretagne", 75: "Nouvelle-Aquitaine",
           76: "Occitanie", 84: "Auvergne-Rhône-Alpes", 93: "Provence-Alpes-Côte d'Azur"}  # fmt: skip

#: Two days of each dataset, of which the newest answer for the second was left out; what `completeness_daily` says of them.
FLAGS = """
import sys
from odre.contract import load_contract
from tests.models import LANDING, Models, compiled, translated

names = sys.argv[1:]
models = Models(translated(compiled()))
for name in names:
    contract = load_contract(name)
    for day in ("2024-01-01", "2024-01-02"):
        models.insert(name, f"select date '{day}' as {contract.date_column}, 1.0 as {contract.observed_column}")
    models.connection.execute(
        f"insert into {LANDING}.load_ledger by name select 'x' as load_id, '{name}' as table_name, "
        "timestamptz '2024-02-01' as asked_at, now() as merged_at, [date '2024-01-02'] as days_undecided"
    )
needed = ("stg_eco2mix_national_tr", "int_mix_steps", "int_mix_daily_observed", "int_mix_daily",
          "stg_stock_quotidien_stockages_gaz", "stg_temperature_quotidienne_regionale", "int_gas_storage_daily",
          "int_temperature_daily", "gas_storage_daily", "completeness_daily")
models.build(*needed)
for row in models.rows("select * from completeness_daily where source_table != 'x' order by source_table, local_date"):
    print(row["source_table"], row["local_date"], row["is_set_aside"], row["reason"])
"""


def _dataset(name: str, title: str, description: str, fields: list[tuple[str, str, str]]) -> dict[str, Any]:
    metas = {"title": title, "description": description, "publisher": "NaTran, RTE", "license": "Licence Ouverte v2.0"}
    return {
        "dataset_id": name,
        "metas": {"default": metas},
        "fields": [{"name": n, "label": label, "type": kind, "description": None} for n, kind, label in fields],
    }


CATALOGUE = [
    _dataset(
        DAILY,
        "Consommation quotidienne de gaz",
        "<p>Consommation de gaz en France, par jour gazier.</p>",
        [
            ("date", "date", "Date"),
            ("conso_gwh", "double", "Consommation (GWh PCS 0°C)"),
            ("group", "text", "Group"),
        ],
    ),
    _dataset(
        REGIONAL,
        "Données éCO2mix régionales temps réel",
        "",
        [
            ("code_insee_region", "int", "Code INSEE région"),
            ("libelle_region", "text", "Région"),
            ("nature", "text", "Nature"),
            ("date", "date", "Date"),
            ("heure", "text", "Heure"),
            ("date_heure", "datetime", "Date - Heure"),
            ("consommation", "int", "Consommation (MW)"),
            ("prevision_j", "int", "Prévision J (MW)"),
            ("solaire", "text", "Solaire (MW)"),
            ("centre", "geo_point_2d", "Centre"),
        ],
    ),
    _dataset("parc-national", "Parc", "", [("nom", "text", "Nom"), ("puissance", "double", "Puissance (MW)")]),
    _dataset("consommation-mensuelle", "Mois", "", [("mois", "date", "Mois"), ("energie", "double", "Énergie (GWh)")]),
]


def daily_rows() -> list[dict[str, Any]]:
    """One row a day."""
    return [{"date": day, "conso_gwh": 1_500.5 + n, "group": "France"} for n, day in enumerate(DAYS)]


def regional_rows() -> list[dict[str, Any]]:
    """Twelve regions × 96 quarter-hours of every day; tomorrow has forecasts only."""
    rows = []
    for number, day in enumerate([*DAYS, LAST + dt.timedelta(1)]):
        for quarter in range(96):
            clock = dt.time(quarter // 4, quarter % 4 * 15)
            for code, name in REGIONS.items():
                observed = day <= LAST
                rows.append(
                    {
                        "code_insee_region": code,
                        "libelle_region": name,
                        "nature": "Données temps réel",
                        "date": day,
                        "heure": f"{clock:%H:%M}",
                        "date_heure": dt.datetime.combine(day, clock, PARIS),
                        "consommation": code * 100 + number * 10 + quarter if observed else None,
                        "prevision_j": code * 100 + quarter,
                        "solaire": (str(quarter) if quarter else "ND") if observed else None,
                    }
                )
    return rows


def write_exports(folder: Path) -> Path:
    """Put the exports of both datasets into a folder.

    :returns: the catalogue file that describes them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(daily_rows()), folder / f"{DAILY}.parquet")
    pq.write_table(pa.Table.from_pylist(regional_rows()), folder / f"{REGIONAL}.parquet")
    months = pa.table({"mois": ["2023-11", "2023-12"], "energie": [1.0, 2.0]})
    pq.write_table(months, folder / "consommation-mensuelle.parquet")
    catalogue = folder.parent / "catalogue.json"
    catalogue.write_text(json.dumps(CATALOGUE), encoding="utf-8")
    return catalogue
