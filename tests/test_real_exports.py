"""The real exports, loaded by the DAGs: every figure equals the one that DuckDB computes from the files."""

import re
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import duckdb
import pytest
from odre.contract import tables
from odre.dashboard.sections import sections

from laptop.warehouse import Warehouse
from tests.browser import open_page
from tests.pages import VOCABULARY, mart_columns, three
from tests.tables import MARTS, checksums, examples, marts

DECEMBER = "2021-12-01/2021-12-31"
SOURCES = {"fuel oil": "Fioul", "coal": "Charbon", "gas": "Gaz", "nuclear": "Nucléaire", "wind": "Eolien",
           "solar": "Solaire", "hydro": "Hydraulique", "bioenergy": "Bioénergies"}  # fmt: skip
BORDERS = {"Great Britain": "Angleterre", "Spain": "Espagne", "Italy": "Italie", "Switzerland": "Suisse",
           "Germany and Belgium": "Allemagne-Belgique"}  # fmt: skip
ENERGIES = ("sold", "bought", "sold, net")
# Sections whose charts show the period that is picked.
OF_PERIOD = ("day", "mix", "gas", "exchanges", "peaks-and-forecasts", "kinds-of-days")


@pytest.fixture(scope="module")
def loaded(real_stack, run_dag):
    """The warehouse after a full load of everything."""
    for table in tables():
        state, tasks = run_dag(table, full_refresh=True)
        assert state == "success", tasks
    return Warehouse(real_stack.environment)


@pytest.fixture(scope="module")
def december(real_exports):
    """December 2021 in DuckDB, as view `steps`."""
    connection = duckdb.connect()
    csv = real_exports / "eco2mix-national-tr_2021-12_labels.csv"
    connection.execute(f"create view steps as select * from read_csv('{csv}', delim=';', header=true)")
    return connection


@pytest.fixture(scope="module")
def stocks(real_exports):
    """National gas stock by day, GWh."""
    gas = real_exports / "stock-quotidien-stockages-gaz_asof-2022-12.csv"
    sql = f"select date, sum(stock_fin_de_journee) from read_csv('{gas}', delim=';') group by date"
    return dict(duckdb.sql(sql).fetchall())


@pytest.fixture(scope="module")
def temperatures(real_exports):
    """Mean over regions by day, °C."""
    parquet = real_exports / "temperature-quotidienne-regionale_asof-2025-11.parquet"
    return dict(duckdb.sql(f"select date, avg(tmoy) from '{parquet}' group by date").fetchall())


def test_december_2021_in_daily_merged(loaded, december):
    _, [row] = loaded.query(
        f"select count(*), sum(ConsommationMW) * 24, sum(NucleaireMW) * 24, sum(GazMW) * 24, sum(EolienMW) * 24, "
        f"sum(HydrauliqueMW) * 24, sum(EchphysiquesMW) * 24, avg(TauxdeCO2gkWh), countif(not is_mix_complete) "
        f"from {MARTS}.daily_merged where date_mix between '2021-12-01' and '2021-12-31'"
    )
    independent = december.sql(
        """select sum("Consommation (MW)") / 4, sum("Nucléaire (MW)") / 4, sum("Gaz (MW)") / 4, sum("Eolien (MW)") / 4,
        sum("Hydraulique (MW)") / 4, sum("Ech. physiques (MW)") / 4, avg("Taux de CO2 (g/kWh)") from steps"""
    ).fetchall()[0]
    assert row[0] == 31 and row[-1] == 0
    assert row[1:-1] == pytest.approx(independent, rel=1e-9)
    # RTE's published figures for the month, TWh
    assert [round(v / 1e6, 3) for v in row[1:7]] == [48.346, 31.403, 4.736, 4.052, 5.117, 1.985]
    # the two days of September 2023 are not whole, and say so
    _, partial = loaded.query(f"select is_mix_complete from {MARTS}.daily_merged where date_mix > '2022-01-01'")
    assert partial == [(False,), (False,)]


def test_stock_and_temperature_of_every_day(loaded, stocks, temperatures):
    _, found = loaded.query(f"select gas_day, stock_gwh from {MARTS}.int_gas_storage_daily")
    assert dict(found) == pytest.approx(stocks, abs=1e-6)
    assert max(stocks.items())[1] == pytest.approx(133_049.83, abs=0.01)
    _, merged = loaded.query(f"select date_mix, TMoydegC, stock_gaz from {MARTS}.daily_merged")
    for day, mean, stock in merged:
        assert mean == pytest.approx(temperatures[day], abs=1e-8)
        assert stock == (pytest.approx(stocks[day], abs=1e-6) if day in stocks else None)


def test_the_mart_that_relates_gas_and_temperature_leaves_out_doubted_days(loaded, stocks, temperatures):
    leaps = [(a, b) for a, b in pairwise(sorted(stocks)) if abs(stocks[b] - stocks[a]) > 2300]
    doubted = {day for leap in leaps for day in leap}  # one of the two is wrong, and it is not known which
    both = [day for day in stocks if day in temperatures and day not in doubted]
    assert len(doubted) == 22
    _, [(days, first, last)] = loaded.query(
        f"select days, first_day, last_day from {MARTS}.gas_storage_vs_temperature where season = 'all'"
    )
    assert (days, first, last) == (len(both), min(both), max(both))


def shown_of(page, page_file, period: str) -> dict[str, str]:
    """Open a period and wait until it is drawn: text of every element that has an id, with plain spaces."""
    page.goto(f"{page_file.as_uri()}#{period}")
    page.wait_for_selector(f"body[data-drawn^='{period}|']")
    found = page.eval_on_selector_all("[id]", "all => all.map(e => [e.id, e.innerText ?? ''])")
    return {name: text.replace("\u00a0", " ").replace("\u202f", " ") for name, text in found}


def rows_of(page, table: str) -> list[dict[str, str]]:
    """Rows of a table by their heads."""
    cells = "all => all.map(r => [...r.cells].map(c => c.textContent))"
    [heads, *rows] = page.eval_on_selector_all(f"#{table} tr", cells)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def number(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace(",", "").replace("−", "-").removesuffix(" %"))


@pytest.fixture(scope="module")
def page_file(loaded, real_stack):
    return real_stack.lake_folder / "eco2mix-lake" / "dashboard" / "index.html"


def test_every_statement_about_december_2021_on_the_dashboard(page_file, december, stocks, temperatures):
    """The page, in a browser: no error, no request, and what it says of the month is what the file says."""
    problems, requests = [], []
    with open_page() as page:
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: requests.append(request.url.split("#")[0]))
        said = shown_of(page, page_file, DECEMBER)
        by_day = {row["day"]: row for row in rows_of(page, "table-days")}
        exchanges = {row["border"]: row for row in rows_of(page, "table-exchanges")}
        assert page.query_selector(".synthetic") is None
        widths = {
            chart.get_attribute("id"): chart.query_selector(":is(svg, canvas).marks").bounding_box()["width"]
            for chart in page.query_selector_all(".chart:not([data-empty])")
        }

        page.fill("#to", "2021-12-15")
        page.wait_for_selector("body[data-drawn^='2021-12-01/2021-12-15|']")
        assert page.inner_text("#tile-days") == "15 of 15"
        assert page.inner_text("#tile-consumption") != said["tile-consumption"]
    assert problems == []
    assert set(requests) == {page_file.as_uri()}
    # A chart is drawn, or says why it is not; the ones of the month are drawn.
    assert all(width > 100 for width in widths.values()), widths
    charts = {chart.id: section.id for section in sections(VOCABULARY) for chart in section.charts}
    assert all(said[f"{name}-empty"] for name in set(charts) - set(widths))
    of_month = {name for name, section in charts.items() if section in OF_PERIOD} - {"chart-differences"}
    assert of_month <= set(widths), of_month - set(widths)

    twh = {
        name: december.sql(f'select sum("{label} (MW)") / 4e6 from steps').fetchall()[0][0]
        for name, label in SOURCES.items()
    }
    [(consumption, co2, exchange)] = december.sql(
        """select sum("Consommation (MW)") / 4e6, avg("Taux de CO2 (g/kWh)"), sum("Ech. physiques (MW)") / 4e6 from steps"""
    ).fetchall()
    production = sum(twh.values())
    # exchanges are written every half-hour: null steps count for nothing
    borders = {}
    for name, label in BORDERS.items():
        value = f'"Ech. comm. {label} (MW)"'
        daily = december.sql(
            f"select avg(greatest(-{value}, 0)) * 24, avg(greatest({value}, 0)) * 24 from steps where {value} is not null group by Date"
        ).fetchall()
        borders[name] = tuple(sum(column) / 1e6 for column in zip(*daily, strict=True))
    low_carbon = sum(twh[s] for s in ("nuclear", "wind", "solar", "hydro", "bioenergy")) / production
    month = [mean for day, mean in temperatures.items() if str(day).startswith("2021-12")]
    net = sum(bought - sold for sold, bought in borders.values())

    assert said["tile-days"] == "31 of 31"
    assert (said["tile-consumption"], said["tile-production"]) == (three(consumption), three(production))
    assert number(said["tile-co2"]) == pytest.approx(co2, abs=0.06)
    assert number(said["tile-low-carbon"]) == pytest.approx(100 * low_carbon, abs=0.06)
    assert net > 0 and "bought abroad, net, TWh" in said["content-mix"]
    assert said["tile-net-exchange"] == three(net)
    assert number(said["tile-temperature"]) == pytest.approx(sum(month) / len(month), abs=0.06)

    shares = re.findall(r"(?:: |, | and )([a-z ]+?) ([0-9.]+) %", said["finding-mix"])
    assert [name for name, _ in shares] == sorted(twh, key=twh.__getitem__, reverse=True)[:4]
    for name, share in shares:
        assert float(share) == pytest.approx(100 * twh[name] / production, abs=0.06), name
    assert f"France consumed {three(consumption)} TWh and produced {three(production)} TWh" in said["finding-mix"]
    assert f"imported {three(exchange)} TWh net (physical exchanges)" in said["finding-mix"]
    peak, day = december.sql("""select "Consommation (MW)", Date from steps order by 1 desc limit 1""").fetchall()[0]
    assert f"The highest step of consumption was {three(peak)} MW on {day:%-d %B %Y}." in said["finding-mix"]
    [last] = (gwh / 1000 for day, gwh in stocks.items() if str(day) == "2021-12-31")
    assert f"On 31 December 2021 there were {three(last)} TWh of gas in storage" in said["finding-gas"]
    top = max(borders, key=lambda name: borders[name][0])
    assert f"Most went to {top} ({three(borders[top][0])} TWh" in said["finding-exchanges"]
    for name, (sold, bought) in borders.items():
        found = [number(exchanges[name][head]) for head in ENERGIES]
        assert found == pytest.approx([sold, bought, sold - bought], abs=0.0051), name
    for name, label in {"day ahead": "J-1", "same day": "J"}.items():
        [(error, load)] = december.sql(
            f"""select avg(abs("Prévision {label} (MW)" - "Consommation (MW)")), avg("Consommation (MW)") from steps"""
        ).fetchall()
        off = f"the {name} forecast was off by {three(error)} MW ({100 * error / load:.1f} %, 31 days)"
        assert off in said["finding-peaks-and-forecasts"]
    nuclear_part, mean, highest = december.sql(
        f"""select sum("Nucléaire (MW)") / sum({" + ".join(f'"{label} (MW)"' for label in SOURCES.values())}),
        avg("Consommation (MW)") / 1000, max("Consommation (MW)") / 1000 from steps where Date = '2021-12-31'"""
    ).fetchall()[0]
    assert (
        f"Nuclear made {100 * nuclear_part:.0f} % of France’s electricity on Friday, 31 December 2021"
        in (said["glance-lead"])
    )
    assert f"consumption averaged {mean:.1f} GW and peaked at {highest:.1f} GW" in said["finding-day"]

    per_day = december.sql(
        f"""select Date, avg("Consommation (MW)") * 24, {", ".join(f'avg("{label} (MW)") * 24' for label in SOURCES.values())}
        from steps group by Date"""
    ).fetchall()
    assert set(by_day) == {str(day) for day, *_ in per_day} and len(by_day) == 31
    for day, *energies in per_day:
        shown = [number(by_day[str(day)][name]) for name in ("consumption", *SOURCES)]
        assert shown == pytest.approx(energies, abs=0.6), day
    first = Counter(max(zip(sources, SOURCES, strict=True))[1] for _, _, *sources in per_day)
    led = [f"{source} on {days} day{'s' if days > 1 else ''}" for source, days in first.most_common()]
    assert " and ".join(led) in said["finding-kinds-of-days"]


def test_days_on_which_the_stock_leaps_are_listed_though_every_operator_reported(page_file, stocks):
    """Storages move by no more than 2,300 GWh in a day."""
    days = sorted(day for day in stocks if "2021-09-25" <= str(day) <= "2021-10-10")
    moves = {day: abs(stocks[day] - stocks[before]) for before, day in pairwise(days)}
    first = min(day for day, gwh in moves.items() if gwh > 2300)
    # The stock of the day before the first leap may be the wrong one of the two.
    leaps = [f"{first - timedelta(1):%-d %B %Y}: the stock moved by {moves[first]:.0f} GWh the day after"]
    leaps += [f"{day:%-d %B %Y}: the stock moved by {gwh:.0f} GWh in a day" for day, gwh in moves.items() if gwh > 2300]
    with open_page() as page:
        said = shown_of(page, page_file, "2021-09-25/2021-10-10")
        listed = page.eval_on_selector_all("#gaps li", "all => all.map(e => e.textContent)")
    assert listed == [f"Gas in storage, {leap} (implausible at the source)" for leap in reversed(leaps)]
    assert said["gaps-summary"] == f"Missing or implausible in this period: {len(leaps)} gaps."


def test_the_page_computes_what_the_marts_hold(loaded, page_file):
    """Over everything there is, the page's sums are those of the marts."""
    with open_page() as page:
        shown_of(page, page_file, "2010-11-01/2025-10-30")
        shown = {row["border"]: [number(row[head]) for head in ENERGIES] for row in rows_of(page, "table-exchanges")}
    _, rows = loaded.query(
        f"""select border, sum(export_mwh) / 1e6, sum(import_mwh) / 1e6, sum(net_export_mwh) / 1e6
        from {MARTS}.exchanges_daily group by border"""
    )
    assert set(shown) - {"all borders"} == {border for border, *_ in rows}
    for border, *energies in rows:
        assert shown[border] == pytest.approx(energies, abs=0.0051), border
    assert shown["all borders"] == pytest.approx([sum(side) for side in list(zip(*rows, strict=True))[1:]], abs=0.0051)


@pytest.mark.parametrize("name", examples())
def test_the_example_of_every_mart_answers(loaded, name):
    columns, rows = loaded.query(re.sub(rf"\bfrom {name}\b", f"from {MARTS}.{name}", examples()[name]))
    assert rows and any(value is not None for row in rows for value in row), columns


def test_the_mart_of_the_page_has_the_columns_it_says(loaded):
    columns, _ = loaded.query(f"select * from {MARTS}.dashboard_daily limit 1")
    assert tuple(name for name in columns if name != "last_observed_at") == mart_columns()


def test_a_run_touches_the_months_of_its_window_only_and_running_everything_again_changes_nothing(loaded, run_dag):
    before = checksums(loaded)
    grown = {name: node for name, node in marts().items() if node["config"]["materialized"] == "incremental"}
    days = {name: "date_mix" if name == "daily_merged" else "local_date" for name in grown}
    by_month = "select format_date('%Y-%m', {day}), count(*), bit_xor(farm_fingerprint(to_json_string(t))) from {table} as t group by 1"

    def months(name: str) -> dict:
        rows = loaded.query(by_month.format(day=days[name], table=loaded.whole(f"{MARTS}.{name}")))[1]
        return {month: content for month, *content in rows}

    whole = {name: months(name) for name in grown}
    assert all({"2021-12", "2023-09"} <= set(found) for found in whole.values())
    # Files that were deleted come back only in the months that a run writes.
    for name in grown:
        loaded.query(f"delete from {MARTS}.{name} where {days[name]} is not null")
    assert run_dag("eco2mix_national_tr", start_date="2021-12-10", end_date="2021-12-12")[0] == "success"
    for name in grown:
        assert months(name) == {"2021-12": whole[name]["2021-12"]}, name

    for table in reversed(tables()):
        assert run_dag(table, full_refresh=True)[0] == "success"
    assert checksums(loaded) == before
