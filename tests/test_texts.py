"""The page's texts: every one in every language, the same values in each, and none that nobody uses."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from odre.dashboard import texts
from odre.dashboard.day_table import day_table
from odre.dashboard.sections import sections
from odre.dashboard.vocabulary import CATEGORIES, SEASONS, read_vocabulary
from odre.measures import measures

from laptop.environment import REPOSITORY
from laptop.manifest import PROJECT
from tests.node import node

FOLDER = REPOSITORY / "plugins" / "odre" / "dashboard"
CODE = {
    path: path.read_text(encoding="utf-8") for pattern in ("*.py", "*.js", "*.html") for path in FOLDER.rglob(pattern)
}
CATALOGUE = texts.catalogue()
# A key in code: `t("a.b")`, `text("a.b")`, `vocabulary.text("a.b")`, and in HTML `data-label="a.b"`. Keys that are
# chosen between stand as plain strings, so every string that could be a key counts as a use.
KEY = re.compile(r"""["'`]([a-z_]+\.[A-Za-z0-9_]+)["'`]""")
# Keys that are put together, t(`a.${b}`) and text(f"a.{b}"), use all texts that begin so.
PUT_TOGETHER = re.compile(r"""\b(?:t|text)\(f?["'`]([a-z_]+\.[a-z_]*)\$?\{""")
# `values` are looked up by what the marts hold, `columns` and `days` by the name of a column, and every section has a
# `title`.
LOOKED_UP = ("values.", "columns.", "days.", "answers.")


def forms(text: texts.Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


@pytest.mark.parametrize("key", CATALOGUE)
def test_a_text_is_there_in_every_language_and_names_the_same_values(key):
    text = CATALOGUE[key]
    assert set(text) == set(texts.LANGUAGES)
    assert all(form.strip() for spoken in text.values() for form in forms(spoken))
    named = {
        language: {name for form in forms(spoken) for _, name, _, _ in Formatter().parse(form) if name}
        for language, spoken in text.items()
    }
    assert len({frozenset(names) for names in named.values()}) == 1, named
    assert len({isinstance(spoken, str) for spoken in text.values()}) == 1, "counted in one language only"


def test_every_key_in_the_code_is_a_text():
    files = {path.stem for path in texts.FOLDER.glob("*.json")}
    used = {(key, path.name) for path, code in CODE.items() for key in KEY.findall(code) if key.split(".")[0] in files}
    modules = {(key, name) for key, name in used if key.endswith((".js", ".json", ".py", ".css", ".html"))}
    assert sorted((key, name) for key, name in used - modules if key not in CATALOGUE) == []


def test_every_text_is_used():
    used = {key for code in CODE.values() for key in KEY.findall(code)}
    used |= {f"words.{thing}" for code in CODE.values() for thing in re.findall(r'counted\(.*?, "(\w+)"\)', code)}
    used |= {f"{section.name}.title" for section in sections(read_vocabulary())}
    begun = {key for code in CODE.values() for key in PUT_TOGETHER.findall(code)}
    assert [key for key in CATALOGUE if key not in used and not key.startswith((*LOOKED_UP, *begun))] == []


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_what_is_looked_up_is_there(language):
    vocabulary = read_vocabulary(language)
    assert all(vocabulary.words.values()) and all(column["title"] for column in day_table(vocabulary))
    assert len(vocabulary.named(SEASONS)) == len(SEASONS) and len(vocabulary.named(CATEGORIES)) == len(CATEGORIES)
    for section in sections(vocabulary):
        assert vocabulary.text(f"{section.name}.title")


def test_sources_and_borders_have_their_names_in_french():
    english, french = read_vocabulary(), read_vocabulary("fr")
    for measure in (*english.sources, *english.borders, *english.forecasts):
        assert french.texts[f"values.{measure.label}"] == measure.label_fr == french.label(measure)
    assert list(french.palette(french.sources).values()) == list(english.palette(english.sources).values())


def sql_of_gaps() -> str:
    """The SQL, without comments, of the models that name missing or implausible values in words."""
    models = PROJECT / "models"
    files = [*models.glob("staging/*/completeness_*.sql"), models / "marts" / "quality" / "completeness_daily.sql",
             models / "intermediate" / "int_gas_storage_daily.sql"]  # fmt: skip
    return "\n".join(re.sub(r"--.*|\{#.*?#\}", "", path.read_text(encoding="utf-8")) for path in files)


def test_every_reason_of_a_gap_has_its_text():
    sql = sql_of_gaps()
    reasons = set(
        re.findall(r"(?:then|reports\.late,) '([^']+)'|'([^']+)' as late", sql[sql.index("as is_set_aside") :] + sql)
    )
    reasons = {one or other for one, other in reasons} | {"implausible at the source", "newer values"}
    assert {"operators that are late", "newest answer set aside", "incomplete at the source"} <= reasons
    assert [reason for reason in sorted(reasons) if f"values.{reason}" not in CATALOGUE] == []


def test_what_is_missing_is_said_in_french():
    """Every phrase of the models, and every measure with its hours and steps."""
    phrases = {text.replace("%.0f", "3172") for text in re.findall(r"'([a-z][^'{}]* [^'{}]*[a-z])'", sql_of_gaps())}
    phrases -= {"union all"} | {text for text in phrases if f"values.{text}" in CATALOGUE}
    moved = {"the stock moved by 3172 GWh in a day", "the stock moved by 3172 GWh the day after"}
    assert moved | {"forecasts only, nothing observed"} == phrases
    french, english = read_vocabulary("fr").texts, read_vocabulary("en").texts
    with node() as js:
        js("texts.js", "speak", "fr", french)
        for phrase in phrases:
            assert not re.search(r"\b(the|in|only|nothing)\b", js("gaps.js", "inWords", phrase)), phrase
        assert js("gaps.js", "inWords", "the whole day") == "la journée entière"
        assert js("gaps.js", "inWords", "Teréga, Sediane B") == "Teréga, Sediane B"
        assert js("gaps.js", "inWords", "Provence-Alpes-Côte d'Azur (2)") == "Provence-Alpes-Côte d'Azur (2)"
        for measure in measures():
            name = measure.label or re.sub("_(mw|g_per_kwh)$", "", measure.name).replace("_", " ")
            name += " forecast" if measure.kind == "forecast" else ""
            spoken = french[f"values.{name}"]
            said = js("gaps.js", "inWords", f"nuclear, {name}: 09:00–10:59, 23:00–23:59 (12 steps); {name}: (1 step)")
            assert (
                said == f"nucléaire, {spoken}\u00a0: 09:00–10:59, 23:00–23:59 (12 pas)\u00a0; {spoken}\u00a0: (1 pas)"
            )
            assert english[f"values.{name}"] == name != spoken
        assert js("gaps.js", "inWords", "consumption (a straight line)") == "consommation (une ligne droite)"
        js("texts.js", "speak", "en", english)
        whole = "nuclear, gas: 09:00–16:59 (32 steps); coal (1 step)"
        assert js("gaps.js", "inWords", whole) == whole


def test_a_number_is_written_as_the_language_writes_it():
    assert [texts.decimal(language, 12.5) for language in texts.LANGUAGES] == ["12.5", "12,5"]


@pytest.mark.parametrize(
    ("n", "english", "french"),
    [(0, "0 days", "0 jour"), (1, "1 day", "1 jour"), (1500, "1,500 days", "1\u202f500 jours")],
)
def test_what_is_counted_takes_the_form_of_its_language(n, english, french):
    with node() as js:
        js("texts.js", "speak", "en", texts.texts_in("en"))
        assert js("texts.js", "t", "words.day", {"n": n}) == english
        js("texts.js", "speak", "fr", texts.texts_in("fr"))
        assert js("texts.js", "t", "words.day", {"n": n}) == french


def test_the_language_is_the_first_that_the_reader_prefers_and_the_page_speaks():
    with node() as js:
        languages = list(texts.LANGUAGES)
        assert js("texts.js", "preferredOf", languages, ["de-DE", "fr-CA", "en"]) == "fr"
        assert js("texts.js", "preferredOf", languages, ["de"]) == "en"


def test_charts_write_numbers_and_dates_as_the_language_does():
    with node() as js:
        js("texts.js", "speak", "fr", texts.texts_in("fr"))
        locale = js("format.js", "chartLocale")
        assert (locale["formatLocale"]["decimal"], locale["formatLocale"]["thousands"]) == (",", "\u202f")
        assert (
            locale["timeFormatLocale"]["months"][1] == "février" and locale["timeFormatLocale"]["days"][0] == "dimanche"
        )
        assert js("format.js", "day", "2021-12-01") == "1er décembre 2021"
        js("texts.js", "speak", "en", texts.texts_in("en"))
        assert js("format.js", "day", "2021-12-01") == "1 December 2021"
