"""What the section answers says, without a browser: every sentence and number is that of the mart's rows, in both languages."""

from __future__ import annotations

import re
from datetime import date

import pytest
from odre.dashboard.published import published

from tests.page_marts import SENTENCES, SERIES, answer, answers, told
from tests.page_sections import Pages, text
from tests.pages import sample_days

ONE = sample_days(date(2021, 1, 1), 1)


@pytest.fixture(params=["en", "fr"])
def pages(js, request):
    return Pages(js, ONE, request.param)


@pytest.fixture
def english(js):
    return Pages(js, ONE)


def verdicts(found: list[dict]) -> list[str]:
    return [entry["verdict"] for entry in found]


def call_answers(pages: Pages, rows: list[dict]) -> list[dict]:
    """Verdict and sentences of the six questions."""
    nodes = pages.call("answers", "content", ONE, rows, ever=ONE)
    return [{"verdict": article[1]["data-verdict"], "said": text(article[3:])} for article in nodes]


@pytest.mark.parametrize("reason", ["no_data", "too_few_days", "too_few_years", "constant"])
def test_what_cannot_be_told_is_said_without_a_number(pages, reason):
    found = call_answers(pages, [row | {"reason": reason} for row in answers()])
    assert verdicts(found) == ["not_detectable"] * 6
    why = pages.vocabulary.text(f"answers.{reason}")
    for entry in found:
        sentences = entry["said"].split(pages.vocabulary.text("answers.how"))[0]
        assert why.lower() in sentences.lower() and "null" not in sentences and "NaN" not in sentences, sentences


def test_every_key_of_a_sentence_is_a_text(pages):
    ends = dict.fromkeys(SENTENCES.values(), ("yes", "no", "what")) | {"fill": ("yes_above", "yes_below", "no", "what")}
    assert len(ends) == 10
    keys = [f"answers.{name}_{end}" for name, found in ends.items() for end in found]
    assert [key for key in keys if key not in pages.vocabulary.texts] == []


def test_the_page_tells_a_row_by_its_key(english):
    rows = [row | {"sentence_key": "level_yes"} if row["part"] == "drawdown" else row for row in answers("yes")]
    said, usual = (call_answers(english, found)[1]["said"] for found in (rows, answers("yes")))
    assert said != usual and said.count(english.vocabulary.text("answers.level_yes", estimate="", certain="")[:20]) == 2


@pytest.mark.parametrize("verdict", ["yes", "no", "not_detectable"])
def test_every_verdict_has_its_sentences(pages, verdict):
    found = call_answers(pages, answers(verdict))
    assert verdicts(found) == ["measured"] + [verdict] * 5
    for entry in found:
        assert not re.search(r"null|NaN|undefined|\{|\}", entry["said"]), entry["said"]
    if verdict != "not_detectable":
        assert pages.vocabulary.text("answers.interval_too_wide") not in "".join(e["said"] for e in found)


def test_an_answer_says_estimate_interval_days_and_who_covers_it(english):
    numbers = {"consumption": 1634.4, "net_imports": 941, "nuclear": 377, "wind": -291}
    rows = [
        told(answer("sources_vs_temperature", part, "within_month", "mw_per_celsius"), value, 100)
        for part, value in numbers.items()
    ]
    rows.append(told(answer("sources_vs_temperature", "coal", "within_month", "mw_per_celsius"), 3, 5, "no"))
    rows.append(
        told(answer("sources_vs_temperature", "thermosensitivity/day", "within_winter", "mw_per_celsius"), 2148, 160)
    )
    rows += [
        told(answer("sources_vs_temperature", f"thermosensitivity/hour_{h:02d}", "within_winter", "mw_per_celsius"), mw, 1)
        for h, mw in ((4, 2026), (19, 2329))
    ]  # fmt: skip
    said = call_answers(english, rows)[2]["said"]
    assert (
        "Yes   Each degree of cold below 15 °C adds 1,630 MW of consumption (95 % interval 1,530 to 1,730, 900 days). It is "
        "covered by net imports 941 MW and nuclear 377 MW. When it is colder wind gives 291 MW less, and the others make up "
        "for it. The other terms together come to 3 MW; each of them is by itself negligible or cannot be determined."
    ) in said
    assert (
        "adds 2,150 MW per degree (95 % interval 1,990 to 2,310, 900 days), by hour of the day 2,030 to 2,330" in said
    )
    assert f"{published()['publisher']} speaks of about 2,300 MW per °C in winter" in said
    # raw figures stand only in the table that unfolds, beside what the season is taken out of
    assert "raw" not in said.split("How it is computed")[0]


def test_a_year_alone_is_said_not_to_tell_whether_the_stock_follows_temperature(english):
    said = call_answers(english, answers("no"))[1]["said"]
    assert "Over the last year alone (12 days) it cannot be determined: more years are needed than are loaded." in said


def test_what_looking_at_all_of_them_may_have_found_is_not_said_to_be(english):
    found = call_answers(english, [row | {"joint_verdict": "not_detectable"} for row in answers("yes")])
    assert verdicts(found) == ["measured", "yes", "yes", "not_detectable", "yes", "yes"]
    why = english.vocabulary.text("answers.interval_too_wide")
    assert why in found[3]["said"] and "goes with the stock (" not in found[3]["said"]
    assert "For no single border" in found[5]["said"]


def test_a_last_year_with_few_days_has_no_mix_of_the_year(english):
    few = {"verdict": "not_detectable", "reason": "too_few_days", "estimate": None, "days": 2}
    rows = [row | (few if row["period"] == "trailing_year" else {}) for row in answers("yes")]
    said = call_answers(english, rows)[0]["said"]
    assert said.startswith("Measured") and "Over all 900 days on which every source is known it was" in said
    assert "Over the last year alone (2 days) it cannot be determined: there are too few days." in said
    assert "production was mostly" not in said


def test_no_answer_at_all_is_said(pages):
    [[_, _, said]] = pages.call("answers", "content", ONE, [], ever=ONE)
    assert said == pages.vocabulary.text("answers.empty").replace(" ", " ")
    assert pages.call("answers", "datasets", ONE, [], ever=ONE) == {"degree": [], "thermosensitivity": []}


def test_no_single_border_is_said_whatever_is_said_of_all(english):
    for verdict in ("yes", "no"):
        question = "exchanges_vs_gas_storage"
        rows = [row for row in answers(verdict) if row["question"] != question or row["part"] == "all/volume"]
        said = call_answers(english, rows)[5]["said"]
        assert "For no single border can it be shown that its trade goes with how full the storages are." in said
        assert "Nor" not in said


def test_the_charts_of_the_answers_draw_what_the_mart_says(english):
    drawn = english.call("answers", "datasets", ONE, answers("yes"), ever=ONE)
    expected = {part for _, part, method, unit in SERIES if method == "within_month" and unit == "mw_per_celsius"}
    assert len(drawn["degree"]) == len(expected) and drawn["degree"][0]["term"] == "Consumption"
    assert [row["hour"] for row in drawn["thermosensitivity"]] == list(range(24))
    assert {row["reference"] for row in drawn["thermosensitivity"]} == {2300}
