"""Fields, labels, keys and catalogue texts of the datasets that the synthetic sample imitates, as ODRÉ publishes them.

The contracts describe these datasets too. The repetition is intended: the replica stands for the publisher, who changes
columns without telling the pipeline. Any further dataset is served as its contract or a catalogue file describes it
(:mod:`laptop.replica.described`).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

import pyarrow as pa

#: Explore field type -> Arrow type of ODRÉ's own Parquet exports.
ARROW_TYPES = {
    "text": pa.string(),
    "int": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "datetime": pa.timestamp("ms", tz="UTC"),
}


@dataclass(frozen=True)
class Field:
    """One column: technical name, label (``use_labels=true``), Explore type, and the publisher's description."""

    name: str
    label: str
    type: str
    description: str | None = None

    @property
    def arrow_type(self) -> pa.DataType:
        return ARROW_TYPES[self.type]


@dataclass(frozen=True)
class Dataset:
    """The catalogue's description of one dataset.

    :param key: columns that identify a row; empty when they are not known.
    :param observed: column that is null on rows that hold forecasts only; empty when it is not known.
    :param maturity: column that says how final a row is, and its values from provisional to final.
    :param needed: columns without which the pipeline refuses an answer; empty when they are not known.
    :param also: further headers that exports have had, each with the column it means.
    :param entity: column of the key that holds one of the `entities`.
    :param entities: each spelling of a declared entity, as `odre.contract.plain` reduces it, and its name.
    """

    id: str
    title: str
    publisher: str
    keywords: tuple[str, ...]
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    license: str = "Licence Ouverte v2.0 (Etalab)"
    description: str = ""
    observed: str = ""
    maturity: tuple[str, tuple[str, ...]] | None = None
    needed: tuple[str, ...] = ()
    also: tuple[tuple[str, str], ...] = ()
    entity: str = ""
    entities: tuple[tuple[str, str], ...] = ()

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def with_fields(self, fields: list[Field]) -> Dataset:
        return replace(self, fields=tuple(fields))


def slug(label: str) -> str:
    """A label in lower-case ASCII words joined by underscores: ``TMoy (°C)`` becomes ``tmoy_c``."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    words = "".join(char if char.isalnum() else " " for char in plain).split()
    return "_".join(words)


def _fields(lines: str) -> tuple[Field, ...]:
    """Parse ``name | type | label`` lines."""
    parts = ([part.strip() for part in line.split("|")] for line in lines.strip().splitlines())
    return tuple(Field(name, label, kind) for name, kind, label in parts)


_ECO2MIX = _fields("""
perimetre                   | text     | Périmètre
nature                      | text     | Nature
date                        | text     | Date
heure                       | text     | Heure
date_heure                  | datetime | Date - Heure
consommation                | int      | Consommation (MW)
prevision_j1                | int      | Prévision J-1 (MW)
prevision_j                 | int      | Prévision J (MW)
fioul                       | int      | Fioul (MW)
charbon                     | int      | Charbon (MW)
gaz                         | int      | Gaz (MW)
nucleaire                   | int      | Nucléaire (MW)
eolien                      | int      | Eolien (MW)
solaire                     | int      | Solaire (MW)
hydraulique                 | int      | Hydraulique (MW)
pompage                     | int      | Pompage (MW)
bioenergies                 | int      | Bioénergies (MW)
ech_physiques               | int      | Ech. physiques (MW)
taux_co2                    | int      | Taux de CO2 (g/kWh)
ech_comm_angleterre         | int      | Ech. comm. Angleterre (MW)
ech_comm_espagne            | int      | Ech. comm. Espagne (MW)
ech_comm_italie             | int      | Ech. comm. Italie (MW)
ech_comm_suisse             | int      | Ech. comm. Suisse (MW)
ech_comm_allemagne_belgique | int      | Ech. comm. Allemagne-Belgique (MW)
fioul_tac                   | int      | Fioul - TAC (MW)
fioul_cogen                 | int      | Fioul - Cogénération (MW)
fioul_autres                | int      | Fioul - Autres (MW)
gaz_tac                     | int      | Gaz - TAC (MW)
gaz_cogen                   | int      | Gaz - Cogénération (MW)
gaz_ccg                     | int      | Gaz - CCG (MW)
gaz_autres                  | int      | Gaz - Autres (MW)
hydraulique_fil_eau_eclusee | int      | Hydraulique - Fil de l'eau + éclusée (MW)
hydraulique_lacs            | int      | Hydraulique - Lacs (MW)
hydraulique_step_turbinage  | int      | Hydraulique - STEP turbinage (MW)
bioenergies_dechets         | int      | Bioénergies - Déchets (MW)
bioenergies_biomasse        | int      | Bioénergies - Biomasse (MW)
bioenergies_biogaz          | int      | Bioénergies - Biogaz (MW)
""")

#: Since 2023 the real-time dataset has these columns, as text. Two of the exchanges have become text too.
_ECO2MIX_2023 = _fields("""
stockage_batterie           | text     | Stockage batterie (MW)
destockage_batterie         | text     | Déstockage batterie (MW)
eolien_terrestre            | text     | Eolien terrestre (MW)
eolien_offshore             | text     | Eolien offshore (MW)
""")
DRIFTED_TO_TEXT = (
    "ech_comm_angleterre",
    "ech_comm_allemagne_belgique",
    *(field.name for field in _ECO2MIX_2023),
)


def _real_time_fields() -> tuple[Field, ...]:
    drifted = [replace(f, type="text") if f.name in DRIFTED_TO_TEXT else f for f in _ECO2MIX]
    return (*drifted, *_ECO2MIX_2023, Field("column_68", "Column 68", "text"))


def _consolidated_fields() -> tuple[Field, ...]:
    fields = [replace(f, label="Date et Heure") if f.name == "date_heure" else f for f in _ECO2MIX]
    return (*fields[:29], Field("column_30", "Column 30", "text"), *fields[29:])


_ECO2MIX_KEY = ("perimetre", "date", "heure")
_ECO2MIX_MATURITY = ("nature", ("Données temps réel", "Données consolidées", "Données définitives"))

ECO2MIX_TR = Dataset(
    id="eco2mix-national-tr",
    title="Données éCO2mix nationales temps réel",
    publisher="RTE",
    keywords=("Electricité", "Production", "Consommation", "Mix énergétique"),
    key=_ECO2MIX_KEY,
    observed="consommation",
    maturity=_ECO2MIX_MATURITY,
    fields=_real_time_fields(),
)
ECO2MIX_CONS_DEF = Dataset(
    id="eco2mix-national-cons-def",
    title="Données éCO2mix nationales consolidées et définitives",
    publisher="RTE",
    keywords=("Electricité", "Production", "Consommation", "Mix énergétique"),
    key=_ECO2MIX_KEY,
    observed="consommation",
    maturity=_ECO2MIX_MATURITY,
    fields=_consolidated_fields(),
)
GAS_STORAGE = Dataset(
    id="stock-quotidien-stockages-gaz",
    title="Stock quotidien des stockages de gaz",
    publisher="Storengy, Teréga",
    keywords=("Gaz", "Stockage"),
    key=("date", "pits"),
    observed="stock_fin_de_journee",
    fields=_fields("""
date                 | date   | Date
stock_fin_de_journee | double | Stock fin de journée (GWh PCS 0°C)
source               | text   | Source
pits                 | text   | PITS
"""),
)
TEMPERATURE = Dataset(
    id="temperature-quotidienne-regionale",
    title="Température quotidienne régionale",
    publisher="Weathernews France",
    keywords=("Météo", "Température"),
    key=("date", "code_insee_region"),
    observed="tmoy",
    fields=_fields("""
id                | text   | ID
date              | date   | Date
code_insee_region | int    | Code INSEE région
region            | text   | Région
tmin              | double | TMin (°C)
tmax              | double | TMax (°C)
tmoy              | double | TMoy (°C)
"""),
)

DATASETS = {d.id: d for d in (ECO2MIX_TR, ECO2MIX_CONS_DEF, GAS_STORAGE, TEMPERATURE)}
