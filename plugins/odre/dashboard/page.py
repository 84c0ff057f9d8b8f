"""The page: data, charts and script in one HTML file that needs no network."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from odre.dashboard import bundle
from odre.dashboard.data import Page
from odre.dashboard.day_table import day_table
from odre.dashboard.modules import import_map
from odre.dashboard.published import published
from odre.dashboard.section import Section
from odre.dashboard.sections import sections
from odre.dashboard.steps import EMBEDDED_DAYS, packed
from odre.dashboard.texts import LANGUAGES
from odre.dashboard.vocabulary import (
    FLOWS,
    SEASONS,
    Vocabulary,
    energy_column,
    error_column,
    export_column,
    import_column,
    read_vocabulary,
)

_PARTS = Path(__file__).parent / "page"
# Where a reader finds a dataset: `PORTAL/<dataset id>/`.
_PORTAL = "https://odre.opendatasoft.com/explore/dataset"
_LISTED_GAPS, _LISTED_DAYS = 12, 366
# The properties of a chart that the page's script needs besides its specification.
_OF_A_CHART = ("id", "caption", "needs", "dataset", "least_days", "empty", "series", "along", "renderer")


def _for_script(value: Any) -> str:
    """JSON that can stand inside a `<script>`, because nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.replace("<", "\\u003c")


def context(vocabulary: Vocabulary) -> dict[str, Any]:
    """What the scripts of the sections need in addition to the days; `odre.dashboard.section` says how they get it."""
    return {
        "words": vocabulary.words,
        "sources": [
            {
                "name": vocabulary.label(source),
                "key": source.name.removesuffix("_mw"),
                "step": source.name,
                "column": energy_column(source),
                "color": source.color,
            }
            for source in vocabulary.sources
        ],
        "flows": [
            {"name": vocabulary.text(f"flows.{key}"), "key": key, "color": color} for key, color in FLOWS.items()
        ],
        "borders": [
            {
                "name": vocabulary.label(border),
                "step": border.name,
                "export": export_column(border),
                "import": import_column(border),
            }
            for border in vocabulary.borders
        ],
        "forecasts": [
            {
                "name": vocabulary.label(forecast),
                "key": forecast.name.removesuffix("_mw"),
                "step": forecast.name,
                "column": error_column(forecast),
            }
            for forecast in vocabulary.forecasts
        ],
        "seasons": list(SEASONS),
        "published": published(),
    }


def _words(page: Page, vocabulary: Vocabulary, shown: tuple[Section, ...]) -> dict[str, Any]:
    """What the page's script says in one language."""
    title = "title_fr" if vocabulary.language == "fr" else "title"
    charts = [
        {key: getattr(chart, key) for key in _OF_A_CHART} | {"specification": chart.specification}
        for section in shown
        for chart in section.charts
    ]
    return {
        "texts": vocabulary.texts,
        "titles": {source["table"]: source[title] for source in page.sources},
        "charts": charts,
        "context": context(vocabulary),
        "table": day_table(vocabulary),
    }


def render(page: Page, vocabulary: Vocabulary | None = None) -> str:
    """The HTML of the page, which needs no other file.

    :param vocabulary: by default that of the dbt project. The page is in its language until its script runs.
    """
    from jinja2 import Environment
    from markupsafe import Markup

    def local(instant: datetime | None) -> str | None:
        return f"{instant.astimezone(page.published_at.tzinfo):%Y-%m-%dT%H:%M}" if instant else None

    bundle.begin()  # runs while the rest of the page is made
    vocabulary = vocabulary or read_vocabulary()
    shown = sections(vocabulary)
    spoken = [vocabulary.model_copy(update={"language": language}) for language in LANGUAGES]
    data = {
        "days": page.days,
        "steps": page.steps,
        "marts": page.marts,
        "gaps": page.gaps,
        "sections": [
            {"id": section.id, "name": section.name, "charts": [chart.id for chart in section.charts]}
            for section in shown
        ],
        "languages": {one.language: _words(page, one, sections(one)) for one in spoken},
        "sources": [{key: source[key] for key in ("table", "last_complete")} for source in page.sources],
        "published_at": local(page.published_at),
        "observed_at": local(page.last_observed_at),
        "observed_minute": int(page.last_observed_at.timestamp()) // 60 if page.last_observed_at else None,
        "zone": str(page.published_at.tzinfo),
        "listed_gaps": _LISTED_GAPS,
        "listed_days": _LISTED_DAYS,
        "embedded_days": EMBEDDED_DAYS,
    }
    environment = Environment(autoescape=True)
    environment.filters |= {"json": partial(json.dumps, ensure_ascii=False)}
    return environment.from_string((_PARTS / "page.html").read_text(encoding="utf-8")).render(
        vocabulary=vocabulary,
        languages=LANGUAGES,
        page=page,
        portal=_PORTAL,
        synthetic=", ".join(source["dataset_id"] for source in page.sources if source["table"] in page.synthetic),
        sections=shown,
        css=Markup((_PARTS / "page.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        data=b64encode(packed(data)).decode(),
        import_map=Markup(_for_script(import_map(_PARTS))),  # noqa: S704 - escaped above
        vega=Markup(bundle.vega()),  # noqa: S704 - Vega's own script
    )
