"""The page: data, charts and script in one HTML file that needs no network."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from odre.dashboard.data import Page
from odre.dashboard.day_table import day_table
from odre.dashboard.modules import import_map
from odre.dashboard.sections import sections
from odre.dashboard.vocabulary import (
    SEASONS,
    Vocabulary,
    energy_column,
    error_column,
    export_column,
    import_column,
    label,
    read_vocabulary,
)

_PARTS = Path(__file__).parent / "page"
_TITLE = "Éco2mix: electricity, gas in storage and temperature in France"
# Where a reader finds a dataset: `PORTAL/<dataset id>/`.
_PORTAL = "https://odre.opendatasoft.com/explore/dataset"
_LISTED_GAPS, _LISTED_DAYS = 12, 366
# Beyond so many days charts over time show months: a day would be thinner than a pixel.
_DAILY_CHARTS_UP_TO = 800


@cache
def _vega() -> str:
    """Vega, Vega-Lite and vega-embed as one script, which sets `window.vegaEmbed`."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("</script", "<\\/script")


def _for_script(value: Any) -> str:
    """JSON that can stand in a `<script>`: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.replace("<", "\\u003c")


def _day(value: date | None) -> str:
    """`31 December 2021`, as the page's script writes it."""
    return f"{value.day} {value:%B %Y}" if value else "no day yet"


def context(vocabulary: Vocabulary) -> dict[str, Any]:
    """What the findings and tables of the page's script read besides the days."""
    return {
        "words": vocabulary.words,
        "sources": [{"name": label(source), "column": energy_column(source)} for source in vocabulary.sources],
        "borders": [
            {"name": label(border), "export": export_column(border), "import": import_column(border)}
            for border in vocabulary.borders
        ],
        "forecasts": [
            {"name": label(forecast).replace(" ", "-"), "column": error_column(forecast)}
            for forecast in vocabulary.forecasts
        ],
        "seasons": list(SEASONS),
        "minimum_days": vocabulary.minimum_days,
        "heating_threshold": vocabulary.heating_threshold_celsius,
    }


def render(page: Page, vocabulary: Vocabulary | None = None) -> str:
    """The HTML of the page, complete in itself.

    :param vocabulary: that of the dbt project when it is left out.
    """
    from jinja2 import Environment
    from markupsafe import Markup

    def instant(value: datetime) -> str:
        local = value.astimezone(page.published_at.tzinfo)
        return f"{_day(local)}, {local:%H:%M}"

    vocabulary = vocabulary or read_vocabulary()
    shown = sections(vocabulary)
    data = {
        "days": page.days,
        "gaps": page.gaps,
        "titles": {source["table"]: source["title"] for source in page.sources},
        "charts": [
            {
                "id": chart.id,
                "needs": chart.needs,
                "least_days": chart.least_days,
                "row_field": chart.row_field,
                "specification": chart.specification,
            }
            for section in shown
            for chart in section.charts
        ],
        "context": context(vocabulary),
        "table": day_table(vocabulary),
        "listed_gaps": _LISTED_GAPS,
        "listed_days": _LISTED_DAYS,
        "daily_charts_up_to": _DAILY_CHARTS_UP_TO,
    }
    environment = Environment(autoescape=True)
    environment.filters |= {"day": _day, "instant": instant}
    return environment.from_string((_PARTS / "page.html").read_text(encoding="utf-8")).render(
        title=_TITLE,
        page=page,
        zone=page.published_at.tzinfo,
        portal=_PORTAL,
        synthetic=", ".join(source["dataset_id"] for source in page.sources if source["table"] in page.synthetic),
        sections=shown,
        table=day_table(vocabulary),
        css=Markup((_PARTS / "page.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        data=Markup(_for_script(data)),  # noqa: S704 - escaped above
        import_map=Markup(_for_script(import_map(_PARTS))),  # noqa: S704 - escaped above
        vega=Markup(_vega()),  # noqa: S704 - Vega's own script
    )
