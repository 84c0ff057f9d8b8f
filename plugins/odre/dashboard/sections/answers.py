"""The six questions, each with a verdict, an estimate and its uncertainty."""

from __future__ import annotations

import altair as alt
import pyarrow as pa
import pyarrow.compute as pc

from odre.dashboard.drawing import COOL, GREY, HEIGHT, WARM
from odre.dashboard.listed import Listed
from odre.dashboard.published import published
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import Vocabulary


def _shown(rows: pa.Table) -> pa.Table:
    """The rows that the page shows: those of all days, of the last year and of the latest day. Single hours and monthly
    correlations have rows of all days only, and single hours those of one method."""
    method, kind = pc.field("method"), pc.field("period_kind")
    is_hour = pc.starts_with(pc.field("part"), "thermosensitivity/hour_")
    is_of_all_days_only = is_hour | (method == "same_month_correlation")
    return rows.filter(
        (kind != "year") & (~is_of_all_days_only | (kind == "all")) & (~is_hour | (method == "within_winter"))
    )


_ANSWERS = Listed(
    "answers",
    ("question", "part", "method", "period_kind", "period", "estimate", "unit", "lower", "upper", "lowest", "highest",
     "days", "effective_n", "last_day", "verdict", "reason", "joint_verdict", "sentence_key", "reference"),
    order=("question_number", "method", "part", "period_kind", "period"),
    choose=_shown,
)  # fmt: skip


def section(vocabulary: Vocabulary) -> Section:
    """The answers, what covers a degree of cold, and the thermosensitivity by hour."""
    return Section("answers", (_degree(vocabulary), _hours(vocabulary)), reads={"answers": _ANSWERS})


def _interval(vocabulary: Vocabulary, what: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(what, title=vocabulary.text("answers.term_title" if what == "term:N" else "answers.hour")),
        alt.Tooltip("estimate:Q", format=",.0f", title=vocabulary.text("answers.head_estimate")),
        alt.Tooltip("lower:Q", format=",.0f", title=vocabulary.text("answers.lower")),
        alt.Tooltip("upper:Q", format=",.0f", title=vocabulary.text("answers.upper")),
        alt.Tooltip("days:Q", title=vocabulary.text("answers.head_days")),
    ]


def _degree(vocabulary: Vocabulary) -> Chart:
    y = alt.Y(
        "term:N",
        title=None,
        sort=alt.EncodingSortField("order", op="min"),
        axis=alt.Axis(labelLimit=150, domain=False, ticks=False),
    )
    base = alt.Chart(alt.NamedData("degree")).encode(y=y, tooltip=_interval(vocabulary, "term:N"))
    x = alt.X("estimate:Q", title=vocabulary.text("answers.degree_axis"), axis=alt.Axis(tickCount=6, format=",.0f"))
    colour = (
        alt.when("datum.order == 0")
        .then(alt.value(GREY))
        .when("datum.estimate < 0")
        .then(alt.value(WARM))
        .otherwise(alt.value(COOL))
    )
    bars = base.mark_bar(height=12).encode(x=x, color=colour)
    whiskers = base.mark_rule(strokeWidth=1.5, color=GREY).encode(x=alt.X("lower:Q"), x2="upper:Q")
    return Chart(
        "chart-degree",
        vocabulary.text("answers.degree_caption"),
        (("estimate",),),
        alt.layer(bars, whiskers).properties(height=HEIGHT),
        dataset="degree",
        empty=vocabulary.text("answers.degree_empty"),
    )


def _hours(vocabulary: Vocabulary) -> Chart:
    publisher = published()["publisher"]
    base = alt.Chart(alt.NamedData("thermosensitivity")).encode(
        x=alt.X(
            "hour:Q",
            title=vocabulary.text("answers.hour"),
            scale=alt.Scale(domain=[0, 23], nice=False),
            axis=alt.Axis(values=[0, 4, 8, 12, 16, 20, 23], grid=False),
        ),
        tooltip=_interval(vocabulary, "hour:Q"),
    )
    title = vocabulary.text("answers.hours_axis")
    band = base.mark_area(color=COOL, opacity=0.25).encode(
        y=alt.Y("lower:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(format=",.0f", tickCount=5)),
        y2="upper:Q",
    )
    line = base.mark_line(color=COOL, point={"filled": True, "size": 25, "color": COOL}).encode(y="estimate:Q")
    rule = base.mark_line(color=WARM, strokeDash=[6, 4]).encode(y="reference:Q")
    name = (
        base.transform_filter("datum.hour == 0")
        .mark_text(color=WARM, align="left", dx=4, dy=-7)
        .encode(y="reference:Q", text=alt.value(publisher))
    )
    return Chart(
        "chart-thermosensitivity",
        vocabulary.text("answers.hours_caption", publisher=publisher),
        (("estimate",),),
        alt.layer(band, line, rule, name).properties(height=HEIGHT),
        dataset="thermosensitivity",
        empty=vocabulary.text("answers.hours_empty"),
    )
