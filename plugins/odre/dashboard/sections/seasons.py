"""How the mix changes with seasons and years."""

from __future__ import annotations

import altair as alt

from odre.dashboard.drawing import COOL, GREY, HEIGHT, WARM, color
from odre.dashboard.listed import Listed
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import SEASONS, Vocabulary

_SEASONS = Listed(
    "mix_by_season",
    ("season_year", "season", "source", "days", "days_in_season", "share", "share_change"),
    order=("season_year", "season", "source"),
)
_TREND_HEIGHT = 190  # pixels


def section(vocabulary: Vocabulary) -> Section:
    """Source × season, energy by year, and the shares of one season over the years."""
    trends = tuple(_trend(vocabulary, season) for season in SEASONS)
    return Section("seasons", (_matrix(vocabulary), _years(vocabulary), *trends), reads={"seasons": _SEASONS})


def _matrix(vocabulary: Vocabulary) -> Chart:
    seasons = [vocabulary.text(f"values.{season}") for season in SEASONS]
    sources = [vocabulary.label(source) for source in vocabulary.sources]
    base = alt.Chart(alt.NamedData("season_matrix")).encode(
        x=alt.X(
            "season:N", sort=seasons, title=None, axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False)
        ),
        y=alt.Y("source:N", sort=sources, title=None, axis=alt.Axis(domain=False, ticks=False)),
        tooltip=[
            alt.Tooltip("source:N", title=vocabulary.text("charts.source")),
            alt.Tooltip("season:N", title=vocabulary.text("seasons.season")),
            alt.Tooltip("share:Q", format=".1%", title=vocabulary.text("seasons.share")),
            alt.Tooltip("lower:Q", format=".1%", title=vocabulary.text("seasons.lower")),
            alt.Tooltip("upper:Q", format=".1%", title=vocabulary.text("seasons.upper")),
            alt.Tooltip("seasons:Q", title=vocabulary.text("seasons.seasons")),
        ],
    )
    # Warm colours stand for more than the source's mean and cool ones for less; the nearer to the mean, the paler.
    cells = base.mark_rect(stroke=GREY, strokeWidth=0.3).encode(
        color=alt.condition("datum.relative < 0", alt.value(COOL), alt.value(WARM)),
        opacity=alt.Opacity("strength:Q", scale=alt.Scale(domain=[0, 1], range=[0, 0.6], clamp=True), legend=None),
    )
    texts = base.mark_text().encode(text=alt.Text("share:Q", format=".1%"))
    return Chart(
        "chart-season-matrix",
        vocabulary.text("seasons.matrix_caption"),
        (("share",),),
        alt.layer(cells, texts).properties(height=HEIGHT),
        dataset="season_matrix",
        empty=vocabulary.text("seasons.matrix_empty"),
    )


def _years(vocabulary: Vocabulary) -> Chart:
    drawing = (
        alt.Chart(alt.NamedData("years"))
        .mark_bar(stroke=GREY, strokeWidth=0.3, width=alt.expr("min(44, 0.8 * bandwidth('x'))"))
        .encode(
            x=alt.X("year:N", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("twh:Q", title=vocabulary.text("seasons.years_axis"), axis=alt.Axis(tickCount=6, format=",.0f")),
            color=color("source:N", vocabulary.palette(vocabulary.sources)),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("year:N", title=vocabulary.text("seasons.year")),
                alt.Tooltip("source:N", title=vocabulary.text("charts.source")),
                alt.Tooltip("twh:Q", format=",.1f", title="TWh"),
                alt.Tooltip("days:Q", title=vocabulary.text("seasons.days")),
            ],
        )
        .properties(height=HEIGHT)
    )
    return Chart(
        "chart-years",
        vocabulary.text("seasons.years_caption"),
        (("twh",),),
        drawing,
        dataset="years",
        empty=vocabulary.text("seasons.years_empty"),
    )


def _trend(vocabulary: Vocabulary, season: str) -> Chart:
    name = vocabulary.text(f"values.{season}")
    drawing = (
        alt.Chart(alt.NamedData("season_shares"))
        .transform_filter(f"datum.key == '{season}'")
        .mark_line(point={"size": 18}, strokeWidth=1.8)
        .encode(
            x=alt.X("season_year:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            # Shares reach from 0.1 % to 75 %: on a linear axis, all but one would lie near zero.
            y=alt.Y(
                "share:Q",
                title=None,
                scale=alt.Scale(type="sqrt", domain=[0, 0.8]),
                axis=alt.Axis(format=".0%", values=[0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8]),
            ),
            color=color("source:N", vocabulary.palette(vocabulary.sources), shown=False),
            tooltip=[
                alt.Tooltip("season_year:O", title=vocabulary.text("seasons.year")),
                alt.Tooltip("source:N", title=vocabulary.text("charts.source")),
                alt.Tooltip("share:Q", format=".1%", title=vocabulary.text("seasons.share")),
                alt.Tooltip("days:Q", title=vocabulary.text("seasons.days")),
            ],
        )
        .properties(height=_TREND_HEIGHT)
    )
    return Chart(
        f"chart-trend-{season}",
        vocabulary.text("seasons.trend_caption", season=name),
        ((season,),),
        drawing,
        dataset="season_shares",
        empty=vocabulary.text("seasons.trend_empty", season=name),
    )
