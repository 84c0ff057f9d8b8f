"""The sections gas, exchanges, seasons, records and answers in a real browser, on the real exports: every figure is what
DuckDB says of the files themselves, and the answers are the mart's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from odre.contract import load_contract
from odre.dashboard.page import render
from odre.dashboard.published import published

from tests.browser import open_page
from tests.models import Models, by_label
from tests.page_warehouse import page_of
from tests.pages import three

SECTIONS = ("answers", "gas", "exchanges", "seasons", "records")
BORDERS = {"Great Britain": "Angleterre", "Spain": "Espagne", "Italy": "Italie", "Switzerland": "Suisse",
           "Germany and Belgium": "Allemagne-Belgique"}  # fmt: skip


@pytest.fixture(scope="module")
def files(real_exports) -> dict[str, str]:
    history = real_exports.parent / "history" / "eco2mix-national-cons-def_2016-2019.parquet"
    if not history.exists():
        pytest.skip(f"no history of the mix at {history}")
    return {
        "history": str(history),
        "december": str(real_exports / "eco2mix-national-tr_2021-12_labels.csv"),
        "gas": str(real_exports / "stock-quotidien-stockages-gaz_asof-2022-12.csv"),
        "temperature": str(real_exports / "temperature-quotidienne-regionale_asof-2025-11.parquet"),
    }


@pytest.fixture(scope="module")
def models(files, sql) -> Models:
    """All models of the real exports."""
    models = Models(sql)
    mix = load_contract("eco2mix_national_tr")
    held = {column.name for column in mix.columns}
    found = [name for name, *_ in duckdb.sql(f"describe select * from '{files['history']}'").fetchall()]
    columns = ", ".join(name for name in found if name in held)
    models.insert("eco2mix_national_tr", f"select {columns} from '{files['history']}'")
    models.insert("eco2mix_national_tr", by_label(mix, files["december"]))
    models.insert("stock_quotidien_stockages_gaz", f"select * from read_csv('{files['gas']}', delim=';')")
    models.insert("temperature_quotidienne_regionale", f"select * from '{files['temperature']}'")
    models.build(*sql)
    return models


@pytest.fixture(scope="module")
def file(models, tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "index.html"
    file.write_text(render(page_of(models)), encoding="utf-8")
    return file


def look(page, file, period: str, language: str = "en") -> dict[str, str]:
    """Open a period; the text of every section, with plain spaces."""
    page.goto("about:blank")
    page.goto(f"{file.as_uri()}#{period}&language={language}")
    page.wait_for_selector("body[data-drawn]")
    return {n: page.inner_text(f"#{n}").replace("\u00a0", " ").replace("\u202f", " ") for n in SECTIONS}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    said: list[str] = []
    with open_page() as page:
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
    assert said == []


@pytest.fixture(scope="module")
def year(browser, file) -> dict[str, str]:
    return look(browser, file, "2018-12-01/2019-12-31")


def one(sql: str) -> tuple:
    return duckdb.sql(sql).fetchall()[0]


def test_gas_is_what_the_file_says(year, files):
    stock = f"(select date, sum(stock_fin_de_journee) / 1000 as twh from read_csv('{files['gas']}', delim=';') group by date)"
    [last] = one(f"select twh from {stock} where date = '2019-12-31'")
    assert f"On 31 December 2019 there were {three(last)} TWh of gas in storage" in year["gas"]
    changes = f"(select date, lag(twh) over (order by date) - twh as out from {stock})"
    out, into = one(
        f"select sum(greatest(out, 0)), sum(greatest(-out, 0)) from {changes} where date between '2018-12-01' and '2019-12-31' "
        "and abs(out) <= 2.3"
    )
    assert f"{three(into)} TWh went in and {three(out)} TWh came out" in year["gas"]
    [taken] = one(f"select max(twh) filter (date = '2019-10-31') - max(twh) filter (date = '2019-12-31') from {stock}")
    place, winters = one(
        f"""select 1 + count(*) filter (taken > {taken} + 1e-9), count(*) from (
        select year(date) as y, max(twh) filter (month(date) = 10) - max(twh) filter (month(date) = 12) as taken
        from {stock} where (month(date), day(date)) in ((10, 31), (12, 31)) group by 1) where taken is not null"""
    )
    assert f"had taken {three(taken)} TWh out of the storages, rank {place} of {winters} winters" in year["gas"]


def test_exchanges_of_december_are_what_the_file_says(browser, file, files):
    said = look(browser, file, "2021-12-01/2021-12-31")["exchanges"]
    csv = f"read_csv('{files['december']}', delim=';', header=true)"
    energies = {}
    for name, label in BORDERS.items():
        mw = f'"Ech. comm. {label} (MW)"'
        energies[name] = one(
            f"select sum(out) / 1e6, sum(into_) / 1e6 from (select avg(greatest(-{mw}, 0)) * 24 as out, "
            f"avg(greatest({mw}, 0)) * 24 as into_ from {csv} where {mw} is not null group by Date)"
        )
    sold, bought = (sum(side) for side in zip(*energies.values(), strict=True))
    assert f"sold {three(sold)} TWh of electricity and bought {three(bought)} TWh: {three(bought - sold)} TWh b" in said
    rows = browser.eval_on_selector_all(
        "#table-exchanges tbody tr", "all => all.map(r => [...r.cells].map(c => c.textContent))"
    )
    shown = {name: [float(cell.replace("−", "-")) for cell in cells] for name, *cells in rows}
    for name, (out, into) in energies.items():
        assert shown[name] == pytest.approx([out, into, out - into], abs=0.0051)
    assert shown["all borders"] == pytest.approx([sold, bought, sold - bought], abs=0.0051)


def test_the_annual_table_is_what_the_file_says(browser, file, year, files):
    rows = browser.eval_on_selector_all(
        "#content-seasons tbody tr", "all => all.map(r => [...r.cells].map(c => c.innerText.split('\\n')[0]))"
    )
    heads = browser.eval_on_selector_all("#content-seasons thead th", "all => all.map(e => e.textContent)")
    shown = {row[0]: dict(zip(heads, row, strict=True)) for row in rows}
    for year_, consumed, nuclear, hydro, gas in duckdb.sql(
        f"""select year(date::date), sum(consommation) / 2e6, sum(nucleaire) / 2e6, sum(hydraulique) / 2e6, sum(gaz) / 2e6
        from '{files["history"]}' where consommation is not null and not (date in ('2016-03-27', '2017-03-26', '2018-03-25',
        '2019-03-31') and heure like '02:%') group by 1"""
    ).fetchall():
        line = shown[str(year_)]
        assert line["days"] in ("365", "366")
        found = [float(line[name]) for name in ("consumption", "nuclear", "hydro", "gas")]
        # the repeated hour of October is written once and counts twice
        assert found == pytest.approx([consumed, nuclear, hydro, gas], abs=0.12)
    [rte] = [entry["twh"]["production_mwh"] for entry in published()["annual"] if entry["year"] == 2021]
    cell = browser.inner_text("#content-seasons tbody tr:first-child td:nth-child(4)")
    # a part of a year is not compared
    assert shown["2021"]["days"] == "31 of 365" and f"RTE {rte}" in cell and "%" not in cell


def test_records_are_what_the_files_say(year, files):
    peak, day = one(f"select consommation, date::date from '{files['history']}' order by 1 desc, 2 limit 1")
    assert f"Highest consumption: {three(peak)} MW, on {day:%-d %B %Y}." in year["records"]
    wind, day = one(
        f"""select max_by(mw, mw), max_by(day, mw) from (select eolien as mw, date::date as day from '{files["history"]}' union all
        select "Eolien (MW)", Date from read_csv('{files["december"]}', delim=';', header=true))"""
    )
    assert f"Highest wind: {three(wind)} MW, on {day:%-d %B %Y}." in year["records"]
    [coldest] = one(
        f"select min(c) from (select avg(tmoy) as c from '{files['temperature']}' group by date having count(*) = 13)"
    )
    assert f"coldest day\n{coldest:.1f} °C".replace("-", "−") in year["records"]


def test_answers_say_what_the_mart_says(year, models):
    mart = {
        (row["part"], row["method"]): row
        for row in models.rows("select * from answers where period = 'all' and question = 'sources_vs_temperature'")
    }
    cold = mart["consumption", "within_month"]
    assert (
        f"adds {three(cold['estimate'])} MW of consumption (95 % interval {three(cold['lower'])} to {three(cold['upper'])}, "
        in year["answers"]
    )
    covering = [
        (row["estimate"], part) for (part, method), row in mart.items()
        if method == "within_month" and row["verdict"] == "yes" and part != "consumption" and row["estimate"] > 0
    ]  # fmt: skip
    for mw, part in covering:
        assert f"{part.replace('_', ' ')} {three(mw) if mw > 999 else round(mw)} MW" in year["answers"]
    verdicts = re.findall(r"^(Yes|No|Cannot be determined|Measured)\b", year["answers"], re.MULTILINE)
    assert len(verdicts) == 6 and verdicts[0] == "Measured"
    raw = models.rows("select * from answers where method = 'raw_correlation' and estimate is not null")
    hydro = next(row for row in raw if row["part"] == "hydro" and row["question"] == "sources_vs_gas_storage")
    assert hydro["estimate"] < -0.4 and f"{hydro['estimate']:.2f}".replace("-", "−") not in year["answers"]


def test_every_chart_is_drawn_and_fits_a_phone_in_both_languages(browser, file, year):
    browser.set_viewport_size({"width": 390, "height": 800})
    for language in ("en", "fr"):
        said = look(browser, file, "2018-12-01/2019-12-31", language)
        assert browser.evaluate("document.documentElement.scrollWidth") == 390
        for name in SECTIONS:
            drawn = browser.locator(f"#{name} .chart:not([data-empty])").count()
            assert browser.locator(f"#{name} .chart:not([data-empty]) :is(svg, canvas).marks").count() == drawn
            assert drawn > 0 or name == "exchanges"
            assert not re.search(r"\bnull\b|NaN|undefined|\{\w+\}", said[name]), said[name]
        assert said["exchanges"].count("\n") > 0
    browser.set_viewport_size({"width": 1280, "height": 900})


def test_one_day_and_a_period_without_data_show_sentences_and_no_broken_chart(browser, file):
    for period in ("2021-12-15/2021-12-15", "2012-01-01/2012-01-31", "2025-10-01/2025-10-30"):
        said = look(browser, file, period)
        assert not re.search(r"\bnull\b|NaN|undefined|Infinity", "".join(said.values()))
    assert "No national gas stock is known" in said["gas"] and "No commercial exchange is known" in said["exchanges"]


def numbers(page, table: str) -> dict[str, list[float]]:
    """The numbers of a table, by the name of the line."""
    rows = page.eval_on_selector_all(
        f"#{table} tbody tr", "all => all.map(r => [...r.cells].map(c => c.textContent))"
    )  # fmt: skip
    return {
        name: [float(c.replace(",", "").replace("−", "-").replace("–", "nan")) for c in cells] for name, *cells in rows
    }


def steps_of(page) -> list[list[str]]:
    """The values that the chart of the day draws, a line for each step."""
    table = "#tools-chart-day details"
    page.evaluate(f"document.querySelector('{table}').open = true")
    page.wait_for_selector(f"{table} tbody tr", state="attached")
    return page.eval_on_selector_all(f"{table} tbody tr", "all => all.map(r => [...r.cells].map(c => c.textContent))")


def heads_of(page) -> list[str]:
    return page.eval_on_selector_all("#tools-chart-day thead th", "all => all.map(e => e.textContent)")


def test_a_day_is_what_the_file_says(browser, file, files):
    look(browser, file, "2021-12-01/2021-12-31&day=2021-12-15")
    csv = f"(select * from read_csv('{files['december']}', delim=';', header=true) where Date = '2021-12-15')"
    steps = duckdb.sql(
        f'select Heure, "Consommation (MW)", "Nucléaire (MW)", "Gaz (MW)" from {csv} order by 1'
    ).fetchall()
    shown = steps_of(browser)
    heads = heads_of(browser)
    found = [
        (
            line[0],
            *(int(line[heads.index(f"{name}, MW")].replace(",", "")) for name in ("consumption", "nuclear", "gas")),
        )
        for line in shown
    ]
    assert found == [(str(clock)[:5], *mw) for clock, *mw in steps]
    means = one(f'select avg("Consommation (MW)"), avg("Nucléaire (MW)"), max("Consommation (MW)") from {csv}')
    table = numbers(browser, "table-day")
    assert [table[name][0] for name in ("consumption", "nuclear", "highest step, GW")] == pytest.approx(
        [means[0] * 24 / 1e3, means[1] * 24 / 1e3, means[2] / 1e3], abs=0.051
    )
    assert f"peaked at {means[2] / 1e3:.1f} GW" in browser.inner_text("#finding-day").replace("\u00a0", " ")


@pytest.mark.parametrize(("day", "hours", "lost"), [("2016-03-27", 23, 0), ("2016-10-30", 25, 2)])
def test_a_day_on_which_clocks_change_is_as_long_as_it_is(browser, models, files, tmp_path, day, hours, lost):
    page = page_of(models, steps_of=day)
    assert page.steps and all(each["started_at"] == sorted(each["started_at"]) for each in page.steps.values())
    made = tmp_path / "index.html"
    made.write_text(render(page), encoding="utf-8")
    look(browser, made, f"2016-03-01/2016-11-30&day={day}")
    shown = steps_of(browser)
    assert len(shown) == 2 * hours and f"the day has {hours} hours" in browser.inner_text("#finding-day")
    steps = duckdb.sql(
        f"""select strftime(date_heure::timestamptz at time zone 'Europe/Paris', '%H:%M'), consommation
        from '{files["history"]}' where date = '{day}' and consommation is not null
        and not (heure like '02:%' and date = '2016-03-27') order by date_heure"""
    ).fetchall()
    column = heads_of(browser).index("consumption, MW")
    known = [(line[0], int(line[column].replace(",", ""))) for line in shown if line[column] != "–"]
    # The source writes the repeated hour of October once: an hour of the 25 is not known.
    assert known == steps and len(shown) - len(known) == lost


def test_a_period_and_its_comparison_are_what_the_file_says(browser, file, files):
    look(browser, file, "2019-01-01/2019-12-31&versus=2018-01-01/2018-12-31")
    found = {
        year: (nuclear, gas, mean)
        for year, nuclear, gas, mean in duckdb.sql(
            f"""select year(date::date), sum(n) / 1e6, sum(g) / 1e6, sum(c) / sum(hours) / 1e3 from (
            select date, hours, avg(nucleaire) * hours as n, avg(gaz) * hours as g, avg(consommation) * hours as c from (
            select *, case when date in ('2018-03-25', '2019-03-31') then 23 when date in ('2018-10-28', '2019-10-27')
            then 25 else 24 end as hours from '{files["history"]}' where consommation is not null and not
            (date in ('2018-03-25', '2019-03-31') and heure like '02:%')) group by date, hours) group by 1"""
        ).fetchall()
    }
    table = numbers(browser, "table-mix")
    (nuclear, gas, mean), (nuclear_before, gas_before, mean_before) = found[2019], found[2018]
    assert [table["nuclear"][0], table["nuclear"][2]] == pytest.approx([nuclear, nuclear_before], abs=6e-4)
    assert [table["gas"][0], table["gas"][2]] == pytest.approx([gas, gas_before], abs=6e-4)
    assert table["consumption"][1::2] == pytest.approx([mean, mean_before], abs=0.006)
    assert table["consumption"][4] == pytest.approx(mean - mean_before, abs=0.006)
    parts = [cells[0] for name, cells in table.items() if name not in ("production", "consumption")]
    assert sum(parts) == pytest.approx(table["consumption"][0], abs=0.007)
