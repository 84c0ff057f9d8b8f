"""Records, and how consumption and sources are spread over hours and days."""

from __future__ import annotations

from datetime import timedelta

import altair as alt
import pyarrow as pa
import pyarrow.compute as pc

from odre.dashboard.drawing import GREY, HEIGHT, WARM, color, legend, when
from odre.dashboard.listed import Listed
from odre.dashboard.section import Chart, Section
from odre.dashboard.vocabulary import SEASONS, Vocabulary
from odre.measures import measures

_RECORDS = Listed(
    "records", ("measure", "record", "place", "value_mw", "local_date"), order=("measure", "record", "place")
)
_HOURS_DAYS = 730
_AVERAGE_DAYS = (
    "select season, hour, count(*) as days, "
    + ", ".join(f"round(avg({measure.name})) as {measure.name}" for measure in measures(["consumption", "source"]))
    + " from `{marts}.mix_hourly` where local_date > (select date_sub(max(local_date), interval 365 day) "
    "from `{marts}.mix_hourly`) group by season, hour order by season, hour"
)
_AVERAGE_HEIGHT = 190  # pixels


def _last_two_years(days: pa.Table) -> pa.Table:
    """The observed days of the last two years, because the last year is compared with the one before."""
    observed = days.filter(pc.field("observed_steps") > 0)
    last = pc.max(observed["local_date"]).as_py()
    return observed.filter(pc.field("local_date") > last - timedelta(days=_HOURS_DAYS)) if last else observed


_HOURS = Listed(
    "int_mix_daily_observed",
    ("local_date", *(f"consumption_hour_{hour:02d}_mw" for hour in range(24))),
    order=("local_date", "observed_steps"),
    choose=_last_two_years,
    decimals=0,
)


def section(vocabulary: Vocabulary) -> Section:
    """Lists of records, the duration curve, consumption by hour and day, and the average day of each season."""
    average = tuple(_average_day(vocabulary, season) for season in SEASONS)
    reads: dict[str, str | Listed] = {"records": _RECORDS, "hours": _HOURS, "average_days": _AVERAGE_DAYS}
    return Section("records", (_duration(vocabulary), _hours(vocabulary), *average), reads=reads)


def _duration(vocabulary: Vocabulary) -> Chart:
    names = [vocabulary.text("records.last_year"), vocabulary.text("records.year_before")]
    # Without a domain the legend follows the data, so that it names only years that have a curve.
    colours = alt.Color("year:N", sort=None, scale=alt.Scale(range=[WARM, GREY]), legend=legend(max(map(len, names))))
    title = vocabulary.text("records.gw")
    drawing = (
        alt.Chart(alt.NamedData("duration"))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X(
                "part:Q",
                title=vocabulary.text("records.duration_axis"),
                axis=alt.Axis(format=".0%", tickCount=5),
                scale=alt.Scale(domain=[0, 1]),
            ),
            y=alt.Y("gw:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6)),
            color=colours,
            tooltip=[
                alt.Tooltip("year:N", title=vocabulary.text("records.year")),
                alt.Tooltip("part:Q", format=".1%", title=vocabulary.text("records.duration_axis")),
                alt.Tooltip("gw:Q", format=",.1f", title=title),
            ],
        )
        .properties(height=HEIGHT)
    )
    return Chart(
        "chart-duration",
        vocabulary.text("records.duration_caption"),
        (("gw",),),
        drawing,
        dataset="duration",
        empty=vocabulary.text("records.no_hours"),
    )


def _hours(vocabulary: Vocabulary) -> Chart:
    shades = alt.Scale(scheme="viridis", zero=False)
    key = alt.Legend(title="GW", orient="bottom", gradientLength=200, tickCount=4)
    drawing = (
        alt.Chart(alt.NamedData("hours_of_days"))
        .transform_calculate(edge="datum.gw")
        .mark_rect()
        .encode(
            x=when(),
            x2="bucket_end:T",
            y=alt.Y(
                "hour:Q",
                title=vocabulary.text("answers.hour"),
                scale=alt.Scale(domain=[0, 24], reverse=True, nice=False),
                axis=alt.Axis(values=[0, 6, 12, 18, 24], grid=False),
            ),
            y2="hour_end:Q",
            # The edges of the cells are coloured too; otherwise pale lines show between them.
            stroke=alt.Stroke("edge:Q", scale=shades, legend=None),
            color=alt.Color("gw:Q", scale=shades, legend=key),
            tooltip=[
                alt.Tooltip("day_name:N", title=vocabulary.text("charts.when")),
                alt.Tooltip("hour:Q", title=vocabulary.text("answers.hour")),
                alt.Tooltip("gw:Q", format=",.1f", title=vocabulary.text("records.gw")),
            ],
        )
        .properties(height=HEIGHT)
    )
    return Chart(
        "chart-hours",
        vocabulary.text("records.hours_caption"),
        (("gw",),),
        drawing,
        dataset="hours_of_days",
        empty=vocabulary.text("records.no_hours"),
        renderer="canvas",
    )


def _average_day(vocabulary: Vocabulary, season: str) -> Chart:
    name = vocabulary.text(f"values.{season}")
    title = vocabulary.text("records.gw")
    hours = alt.X(
        "hour:Q",
        title=None,
        scale=alt.Scale(domain=[0, 23], nice=False),
        axis=alt.Axis(values=[0, 6, 12, 18, 23], grid=False, labelExpr="datum.value + ' h'"),
    )
    base = alt.Chart(alt.NamedData("average_days")).transform_filter(f"datum.season == '{season}'").encode(x=hours)
    areas = (
        base.transform_filter("datum.rank >= 0")
        .mark_area(clip=True)
        .encode(
            y=alt.Y("gw:Q", title=title, stack="zero", scale=alt.Scale(domainMin=0), axis=alt.Axis(tickCount=5)),
            color=color("source:N", vocabulary.palette(vocabulary.sources)),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("hour:Q", title=vocabulary.text("answers.hour")),
                alt.Tooltip("source:N", title=vocabulary.text("charts.source")),
                alt.Tooltip("gw:Q", format=",.1f", title=title),
                alt.Tooltip("days:Q", title=vocabulary.text("seasons.days")),
            ],
        )
    )
    line = (
        base.transform_filter("datum.rank < 0")
        .mark_line(strokeWidth=2, strokeDash=[5, 2], stroke=alt.expr("ink"))
        .encode(y=alt.Y("gw:Q", title=title))
    )
    ink = alt.param(name="ink", value="#000")  # the page sets the colour of its text
    # Invisible points as high as the highest season give all four seasons the same scale.
    scale = base.transform_filter("datum.rank < 0").mark_point(opacity=0).encode(y="most:Q")
    return Chart(
        f"chart-average-{season}",
        vocabulary.text("records.average_caption", season=name),
        ((season,),),
        alt.layer(areas, line, scale).properties(height=_AVERAGE_HEIGHT).add_params(ink),
        dataset="average_days",
        empty=vocabulary.text("records.average_empty", season=name),
    )
