"""The page's texts, in every language that it speaks.

They are in the folder `texts/`: one file per section, and further files for texts that sections share. Each text has
its languages side by side: `{"title": {"en": "Gas", "fr": "Gaz"}}` in `gas.json` is the text `gas.title`. A text that
counts something has singular and plural instead, `{"en": {"one": "{n} day", "other": "{n} days"}, …}`, chosen by `n`.
Names in braces are replaced by values. `page/texts.js` reads the same texts in the browser.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"
# The name of each language in that language. Readers who prefer none of them get the first one.
LANGUAGES = {"en": "English", "fr": "Français"}

Text = str | dict[str, str]


@cache
def catalogue() -> dict[str, dict[str, Text]]:
    """Every text by its key, `<file>.<name>`, and language."""
    return {
        f"{path.stem}.{name}": text
        for path in sorted(FOLDER.glob("*.json"))
        for name, text in json.loads(path.read_text(encoding="utf-8")).items()
    }


def texts_in(language: str) -> dict[str, Text]:
    """All texts of one language, by key.

    :raises KeyError: a text is missing in that language.
    """
    return {key: _spaced(text[language]) for key, text in catalogue().items()}


def _spaced(text: Text) -> Text:
    """The text with non-breaking spaces before the signs that French separates from the word."""
    if isinstance(text, dict):
        return {form: str(_spaced(spoken)) for form, spoken in text.items()}
    return re.sub(r" (?=[:;?!%»])", "\u00a0", text)


def text(language: str, key: str, **values: str) -> str:
    """One text, with the values in place of their names in braces.

    :raises KeyError: there is no such text, or a value that it names is not given.
    :raises TypeError: the text counts something, which only `page/texts.js` does.
    """
    found = catalogue()[key][language]
    if not isinstance(found, str):
        raise TypeError(f"text {key} has a singular and a plural → use it in the page's script")
    return str(_spaced(found)).format_map(values)


def decimal(language: str, value: float) -> str:
    """A number with all of its decimals, as the language writes it."""
    return f"{value:g}".replace(".", "," if language == "fr" else ".")
