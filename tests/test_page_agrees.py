"""Figures that the page shows in several places agree, tested without a browser: sentences, tiles and tables use the
same days and values."""

from __future__ import annotations

import json

import pytest

from tests.node import node
from tests.pages import rows_of
from tests.test_page_day import ALL, WINTER, Pages


@pytest.fixture(scope="module")
def pages():
    with node() as js:
        yield Pages(js)


def test_tiles_are_of_the_days_of_the_sentences_and_say_so_when_they_are_of_fewer(pages):
    """A day without production counts in neither, whatever else is known of it."""
    rows = [row | {"production_mwh": None} if i < 5 else row for i, row in enumerate(WINTER)]
    rows = [
        row | ({"net_commercial_import_mwh": None, "co2_g_per_kwh": None} if i < 30 else {})
        for i, row in enumerate(rows)
    ]
    tiles = {tile["id"]: tile for tile in pages.js("tiles.js", "tiles", rows_of(pages.js, rows))}
    said = pages.call("mix", "finding", rows)
    assert f"consumed {tiles['tile-consumption']['value']} TWh" in said
    assert f"produced {tiles['tile-production']['value']} TWh" in said
    assert tiles["tile-days"]["value"] == "85 of 90" and "Over 85 days" in said
    assert [tiles[f"tile-{name}"]["note"] for name in ("consumption", "net-exchange", "co2", "temperature")] == [
        "", "60 days", "60 days", ""
    ]  # fmt: skip
    assert "(60 days)" in json.dumps(pages.call("mix", "content", rows))


@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_peak_that_the_mart_does_not_trust_is_not_the_peak_of_the_day(pages, is_trusted):
    steps = [
        {"clock": f"{i // 2:02}:{30 * (i % 2):02}", "consumption_mw": mw, "to_come": False, "position": i, "position_end": i + 1}
        for i, mw in enumerate([50_000] * 20 + [61_000] + [900_000] + [50_000] * 26)
    ]  # fmt: skip
    trusted = {"consumption_mwh": 24 * 50_229, "peak_consumption_mw": 61_000}
    row = ALL[-1] | (trusted if is_trusted else dict.fromkeys(trusted))
    given = {"ever": [*ALL[:-1], row], "steps": steps, "day": row["local_date"]}
    said = pages.call("day", "finding", [row], **given)
    if is_trusted:
        assert "averaged 50.2 GW and peaked at 61.0 GW at 10:00" in said
        table = {name: cells[0] for name, *cells in pages.call("day", "table", [row], **given)["lines"]}
        assert table["highest step, GW"] == "61.0"
    else:
        assert "peaked at 900.0 GW at 10:30" in said
