"""The replica is deterministic, its balance is exact, and it has the same traps as the source."""

import datetime as dt
import hashlib
import json

import duckdb
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient
from odre.contract import load_contract

from laptop.replica import described, folder, odsql, synthetic
from laptop.replica.schemas import ECO2MIX_TR
from laptop.replica.server import Catalogue, application


@pytest.fixture(scope="module")
def tables():
    return synthetic.sample(
        start=dt.date(2022, 3, 1), real_time_start=dt.date(2022, 9, 1), as_of=dt.datetime(2023, 4, 5, 9, 30)
    )


@pytest.fixture(scope="module")
def mix(tables):
    return tables["eco2mix-national-tr"]


def ask(sql: str, **tables: pa.Table):
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, table in tables.items():
            connection.register(name, table)
        return connection.execute(sql).fetchone()


def digest(tables) -> str:
    sink = pa.BufferOutputStream()
    for table in tables.values():
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()


def test_the_sample_is_the_same_every_time():
    made = [synthetic.sample(start=dt.date(2023, 12, 1)) for _ in range(2)]
    assert digest(made[0]) == digest(made[1])


def test_the_balance_is_exact(mix):
    worst, rows = ask(
        "select max(abs(consommation - (fioul + charbon + gaz + nucleaire + eolien + solaire + hydraulique + pompage "
        "+ bioenergies + ech_physiques))), count(*) from mix where consommation is not null", mix=mix)  # fmt: skip
    assert worst == 0 and rows > 10_000


@pytest.mark.parametrize(
    ("trap", "condition"),
    [
        ("forecast-only rows ahead", "consommation is null and prevision_j1 is not null and date_heure > '2023-04-05 10:00+02'"),
        ("no same-day forecast for tomorrow", "date = '2023-04-06' and prevision_j is null"),
        ("exchanges null at :15", "heure like '%:15' and ech_comm_espagne is null and consommation is not null"),
        ("exchanges ahead of production", "consommation is null and ech_comm_espagne is not null"),
        ("missing written ND", "eolien_terrestre = 'ND'"),
        ("missing written -", "eolien_terrestre = '-'"),
        ("numbers as text", "try_cast(stockage_batterie as bigint) < 0"),
        ("slightly negative turbine", "fioul_tac < 0"),
        ("clock times that do not exist", "date = '2023-03-26' and heure between '02:00' and '02:45'"),
        ("an empty column", "column_68 is null"),
    ],
)  # fmt: skip
def test_traps_of_the_mix(mix, trap, condition):
    assert ask(f"select count(*) from mix where {condition}", mix=mix)[0] > 0, trap


def test_spring_pairs_conflict_and_october_is_an_hour_short(mix):
    pairs, conflicting = ask(
        "select count(*), count(*) filter (forecasts > 1) from (select date_heure, count(distinct prevision_j1) as forecasts "
        "from mix where date = '2023-03-26' group by 1 having count(*) = 2)", mix=mix)  # fmt: skip
    assert 3 <= pairs <= 4 and conflicting > 0  # a quarter-hour may be missing
    assert (
        ask(
            "select count(*) from mix where date_heure >= '2022-10-30 00:00+00' and date_heure < '2022-10-30 01:00+00'",
            mix=mix,
        )[0]
        == 0
    )


def test_traps_of_the_others(tables):
    late = ask(
        "select max(date) filter (source = 'Storengy'), max(date) filter (source = 'Teréga') from t",
        t=tables["stock-quotidien-stockages-gaz"],
    )
    assert (late[0] - late[1]).days >= 28
    labels = ask(
        "select count(distinct region) from t where code_insee_region = 11",
        t=tables["temperature-quotidienne-regionale"],
    )
    assert labels == (2,)
    gaps = ask(
        "select datediff('day', min(date), max(date)) + 1 - count(distinct date) from t",
        t=tables["temperature-quotidienne-regionale"],
    )
    assert gaps[0] > 0


def test_history_is_half_hourly_and_ends_where_real_time_begins(tables, mix):
    odd, last = ask(
        "select count(*) filter (heure like '%:15' and consommation is not null), max(date) from t",
        t=tables["eco2mix-national-cons-def"],
    )
    assert odd == 0 and last == "2022-08-31" and ask("select min(date) from mix", mix=mix) == ("2022-09-01",)


@pytest.mark.parametrize(
    "query", ["date > date'2022-01-01'", "nowhere = 1", "date_heure >= date'yesterday'", "consommation ~ 3"]
)
def test_bad_queries_are_refused(query):
    with pytest.raises(odsql.ODSQLError):
        odsql.where(query, ECO2MIX_TR)


CATALOGUE = {
    "dataset_id": "consommation-annuelle",
    "metas": {
        "default": {"title": "Consommation annuelle", "publisher": "Somebody", "license": "Licence Ouverte v2.0"}
    },
    "fields": [
        {"name": "jour", "label": "Jour", "type": "date", "description": None},
        {"name": "energie", "label": "Énergie (GWh)", "type": "double", "description": "Energy of the day."},
        {"name": "lieu", "label": "Lieu", "type": "geo_point_2d", "description": None},
    ],
}


@pytest.mark.parametrize("form", ["one answer", "a list", "a listing"])
def test_a_catalogue_file_makes_a_dataset_known(tmp_path, form):
    body = {"one answer": CATALOGUE, "a list": [CATALOGUE], "a listing": {"total_count": 1, "results": [CATALOGUE]}}[
        form
    ]
    (tmp_path / "catalogue.json").write_text(json.dumps(body))
    (tmp_path / "consommation-annuelle.csv").write_text("Jour;Énergie (GWh)\n2024-01-01;1200.5\n")
    known = described.known_datasets(tmp_path / "catalogue.json")
    tables = folder.load(tmp_path, known)
    assert tables["consommation-annuelle"].to_pylist() == [{"jour": dt.date(2024, 1, 1), "energie": 1200.5}]
    with TestClient(application(Catalogue(tables, synthetic=False, known=known))) as client:
        listing = client.get("/api/explore/v2.1/catalog/datasets", params={"limit": 100}).json()
        assert "consommation-annuelle" in {answer["dataset_id"] for answer in listing["results"]}
        assert listing["total_count"] == len(known)
        fields = client.get("/api/explore/v2.1/catalog/datasets/consommation-annuelle").json()["fields"]
        assert fields == CATALOGUE["fields"][:2]


def test_a_file_that_is_no_catalogue_is_named(tmp_path):
    (tmp_path / "catalogue.json").write_text('{"message": "Unknown dataset"}')
    with pytest.raises(described.UnreadableCatalogue, match=r"catalogue\.json is not a catalogue .* → save the answer"):
        described.known_datasets(tmp_path / "catalogue.json")


def test_a_further_contract_is_served_with_rows_of_every_key():
    contract = load_contract("eco2mix_national_tr").model_copy(update={"dataset_id": "eco2mix-regional-tr"})
    dataset = described.from_contract(contract)
    assert [(f.name, f.type) for f in dataset.fields][2:5] == [
        ("date", "date"),
        ("heure", "text"),
        ("date_heure", "datetime"),
    ]
    table = synthetic.sample(dt.date(2023, 12, 30), contracts=[contract])[contract.dataset_id]
    assert table.schema.names == [field.name for field in dataset.fields]
    days, rows, keys, entities = ask(
        "select count(distinct date), count(*), count(distinct (perimetre, date, heure)), count(distinct perimetre) from t", t=table)  # fmt: skip
    assert (days, rows, keys, entities) == (3, 3 * 96 * 3, 3 * 96 * 3, 3)
    assert ask("select count(*) from t where strftime(date_heure at time zone 'Europe/Paris', '%Y-%m-%d%H:%M') <> date || heure", t=table) == (0,)  # fmt: skip
