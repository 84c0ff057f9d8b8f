"""The page: data, charts and script in one HTML file that needs no network."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from odre.contract import load_contract
from odre.dashboard.charts import NEEDS, charts
from odre.dashboard.contents import PORTAL, TILES, TITLES, WORDS, day_table, sections
from odre.dashboard.data import Page
from odre.dashboard.vocabulary import BORDERS, FORECASTS, SEASONS, SOURCES, border_column, column
from odre.settings import dbt_project_dir

_PARTS = Path(__file__).parent / "page"
_SCRIPTS = ("numbers.js", "findings.js", "page.js")
_TITLE = "Éco2mix: electricity, gas in storage and temperature in France"
_LISTED_GAPS, _LISTED_DAYS = 12, 366
# Beyond so many days charts over time show months: a day would be thinner than a pixel.
_DAILY_CHARTS_UP_TO = 800


@cache
def project_variables() -> dict[str, Any]:
    """The dbt project's variables: what the marts are built with holds for the page too."""
    return yaml.safe_load((dbt_project_dir() / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]


def _read(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


@cache
def _bundle() -> str:
    """The page's script with Vega, Vega-Lite and vega-embed, as one module."""
    import vl_convert

    return vl_convert.javascript_bundle("\n".join(map(_read, _SCRIPTS)))


def _for_script(value: Any) -> str:
    """JSON that can stand in a `<script>`: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.replace("<", "\\u003c")


def _day(value: date | None) -> str:
    """`31 December 2021`, as the page's script writes it."""
    return f"{value.day} {value:%B %Y}" if value else "no day yet"


def _instant(value: datetime) -> str:
    local = value.astimezone(ZoneInfo(load_contract("eco2mix_national_tr").timezone))
    return f"{_day(local)}, {local:%H:%M}"


def render(page: Page) -> str:
    """The HTML of the page, complete in itself."""
    from jinja2 import Environment
    from markupsafe import Markup

    variables = project_variables()
    minimum_days, threshold = variables["minimum_days"], variables["heating_threshold_celsius"]
    data = {
        "days": page.days,
        "gaps": page.gaps,
        "charts": charts(),
        "needs": NEEDS,
        "words": WORDS,
        "sources": [{"name": name, "column": column(name)} for name in SOURCES],
        "borders": [
            {"name": b, "export": border_column("export", b), "import": border_column("import", b)} for b in BORDERS
        ],
        "seasons": list(SEASONS),
        "forecasts": [{"name": name.replace(" ", "-"), "column": column} for name, column in FORECASTS.items()],
        "titles": TITLES,
        "table": day_table(),
        "minimum_days": minimum_days,
        "heating_threshold": threshold,
        "listed_gaps": _LISTED_GAPS,
        "listed_days": _LISTED_DAYS,
        "daily_charts_up_to": _DAILY_CHARTS_UP_TO,
    }
    environment = Environment(autoescape=True)
    environment.filters |= {"day": _day, "instant": _instant}
    return environment.from_string(_read("page.html")).render(
        title=_TITLE,
        page=page,
        titles=TITLES,
        portal=PORTAL,
        synthetic=", ".join(load_contract(table).dataset_id for table in page.synthetic),
        tiles=TILES,
        sections=sections(variables),
        table=day_table(),
        minimum_days=minimum_days,
        css=Markup(_read("page.css")),  # noqa: S704 - our own file
        data=Markup(_for_script(data)),  # noqa: S704 - escaped above
        bundle=Markup(_bundle().replace("</script", "<\\/script")),  # noqa: S704 - our own script and Vega's
    )
