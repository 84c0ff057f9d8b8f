"""The page: data, charts and script in one HTML file that needs no network."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from odre.contract import load_contract
from odre.dashboard.charts import BORDERS, SEASONS, SOURCES, border_column, charts, column
from odre.dashboard.data import Page
from odre.settings import dbt_project_dir

_HERE = Path(__file__).parent
_TITLE = "Éco2mix: electricity, gas in storage and temperature in France"
_LISTED_GAPS, _LISTED_DAYS = 12, 366
_LOW_CARBON = ("nuclear", "wind", "solar", "hydro", "bioenergy")
_TITLES = {
    "eco2mix_national_tr": "electricity mix",
    "stock_quotidien_stockages_gaz": "gas in storage",
    "temperature_quotidienne_regionale": "temperature",
}
_TILES = (
    ("tile-days", "days with a mix, of the period"),
    ("tile-co2", "mean CO2, g/kWh"),
    ("tile-consumption", "consumption, TWh"),
    ("tile-production", "production, TWh"),
    ("tile-low-carbon", "low-carbon share"),
    ("tile-net-export", "net commercial export, TWh"),
    ("tile-temperature", "mean temperature, °C"),
)
_SECTIONS: tuple[dict[str, Any], ...] = (
    {
        "title": "The mix",
        "finding": "finding-mix",
        "charts": (
            ("chart-shares", "Share of each source in the production, by day"),
            ("chart-totals", "Energy per source over the period, TWh"),
        ),
    },
    {
        "title": "Gas stock and temperature",
        "finding": "finding-gas-temperature",
        "charts": (
            ("chart-gas-temperature", "Gas stock (solid, left) and temperature (dashed, right)"),
            ("chart-withdrawal", "Daily withdrawal against temperature"),
        ),
    },
    {
        "title": "Sources and temperature",
        "finding": "finding-sources-temperature",
        "charts": (("chart-temperature-bands", "Mean power per source, by temperature"),),
    },
    {
        "title": "Sources and gas stock",
        "finding": "finding-sources-gas",
        "charts": (("chart-fill-bands", "Mean power per source, by fill level of the gas storages"),),
    },
    {
        "title": "The mix by season",
        "finding": "finding-seasons",
        "charts": (("chart-seasons", "Share of each source in the production, by meteorological season"),),
    },
    {
        "title": "Commercial exchanges and gas stock",
        "finding": "finding-exchanges",
        "charts": (
            ("chart-exchanges", "Mean daily exports and imports per border, by fill level of the gas storages"),
            ("chart-destinations", "Commercial exports per border, net imports not deducted"),
        ),
    },
    {
        "title": "Kinds of days",
        "finding": None,
        "charts": (
            ("chart-categories", "Days by temperature: cold up to 10 °C, hot above 25 °C"),
            ("chart-top-sources", "Days by the source that produced most"),
        ),
    },
)


def _table() -> list[dict[str, Any]]:
    energies = [(column(name), name, 0) for name in SOURCES]
    return [
        {"column": name, "title": title} | ({} if digits is None else {"digits": digits})
        for name, title, digits in [
            ("local_date", "Day", None),
            ("consumption_mwh", "consumption", 0),
            ("production_mwh", "production", 0),
            *energies,
            ("net_physical_import_mwh", "net physical import", 0),
            ("co2_g_per_kwh", "CO2, g/kWh", 1),
            ("top_source", "top source", None),
            ("top_foreign_buyer", "top buyer", None),
            ("mean_celsius", "°C", 1),
            ("temperature_category", "category", None),
            ("stock_gwh", "gas stock, GWh", 1),
            ("fill_level", "fill level", 3),
            ("maturity", "maturity", None),
        ]
    ]


@cache
def _variables() -> dict[str, Any]:
    """The dbt project's variables: what the marts are built with holds for the page too."""
    return yaml.safe_load((dbt_project_dir() / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]


@cache
def _bundle() -> str:
    """`page.js` with Vega, Vega-Lite and vega-embed, as one module."""
    import vl_convert

    return vl_convert.javascript_bundle((_HERE / "page.js").read_text(encoding="utf-8"))


def _for_script(value: Any) -> str:
    """JSON that can stand in a `<script>`: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.replace("<", "\\u003c")


def render(page: Page) -> str:
    """The HTML of the page, complete in itself."""
    from jinja2 import Environment
    from markupsafe import Markup

    variables = _variables()
    data = {
        "days": page.days,
        "gaps": page.gaps,
        "charts": charts(),
        "sources": [{"name": name, "column": column(name)} for name in SOURCES],
        "borders": [
            {"name": b, "export": border_column("export", b), "import": border_column("import", b)} for b in BORDERS
        ],
        "seasons": list(SEASONS),
        "low_carbon": [column(name) for name in _LOW_CARBON],
        "titles": _TITLES,
        "table": _table(),
        "minimum_days": variables["minimum_days"],
        "heating_threshold": variables["heating_threshold_celsius"],
        "listed_gaps": _LISTED_GAPS,
        "listed_days": _LISTED_DAYS,
    }
    template = Environment(autoescape=True).from_string((_HERE / "page.html").read_text(encoding="utf-8"))
    return template.render(
        title=_TITLE,
        page=page,
        titles=_TITLES,
        synthetic=", ".join(load_contract(table).dataset_id for table in page.synthetic),
        tiles=_TILES,
        sections=_SECTIONS,
        table=_table(),
        minimum_days=variables["minimum_days"],
        css=Markup((_HERE / "page.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        data=Markup(_for_script(data)),  # noqa: S704 - escaped above
        bundle=Markup(_bundle().replace("</script", "<\\/script")),  # noqa: S704 - our own script and Vega's
    )
