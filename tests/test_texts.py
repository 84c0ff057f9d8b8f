"""The page's texts: every one in every language, the same values in each, and none that nobody uses."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from odre.dashboard import texts
from odre.dashboard.day_table import day_table
from odre.dashboard.sections import sections
from odre.dashboard.vocabulary import CATEGORIES, SEASONS, read_vocabulary

from laptop.environment import REPOSITORY
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
