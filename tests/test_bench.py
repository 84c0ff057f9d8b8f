"""The benchmark's own logic: both sides of a comparison do the same work, and the table shows what was measured."""

import datetime as dt
import json

import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

from laptop.bench.__main__ import main
from laptop.bench.cloud import covered
from laptop.bench.extraction import canonical, duckdb_copy
from laptop.bench.original import column_name, ingest
from laptop.bench.table import Goal, Result, as_json, interleaved, markdown
from laptop.replica.schemas import ECO2MIX_TR


def test_pairs_are_taken_in_turn():
    order, lines = [], []
    figures = {"ours": iter([1.0, 2.0, 3.0]), "against": iter([10.0, 20.0, 30.0])}

    def run(name):
        return lambda: order.append(name) or next(figures[name])

    mine, others = interleaved(run("ours"), run("against"), 3, lines.append)
    assert (mine, others) == ([1.0, 2.0, 3.0], [10.0, 20.0, 30.0])
    assert order == ["ours", "against", "against", "ours", "ours", "against"] and len(lines) == 3


def test_the_ratio_is_that_of_the_pairs():
    slow_moment = Result("a", "b", Goal(0.5, "≥ 2× faster"), ours=[1, 1, 9], against=[4, 3, 27])
    assert slow_moment.ratio == pytest.approx(1 / 3) and slow_moment.met
    assert not Result("a", "b", Goal(0.1, "≥ 10× faster"), [1, 1, 9], [4, 3, 27]).met
    assert Result("alone", "–", Goal(5, "≤ 5 s"), [4, 6, 5]).met


def test_the_table_says_what_was_not_met_and_why():
    rows = [
        Result("fast", "pandas", Goal(0.1, "≥ 10× faster"), [2.0, 2.0], [24.0, 40.0]),
        Result("slow", "plain", Goal(1.2, "≤ 1.2×"), [3.0], [2.0], note="the reason"),
        Result("size", "–", Goal(3, "≤ 3 MB"), [2.5], unit="MB"),
    ]
    fast, slow, size, *notes = markdown(rows).splitlines()[2:]
    assert fast == "| fast | 2 s | pandas: 32 s | 1/15 | 1/20 – 1/12 | ≥ 10× faster | yes |"
    assert slow == "| slow (1) | 3 s | plain: 2 s | 1.5 | 1.5 – 1.5 | ≤ 1.2× | **no** |"
    assert size == "| size | 2.5 MB | – | – | 2.5 – 2.5 | ≤ 3 MB | yes |"
    assert notes == ["", "1. the reason"]
    document = json.loads(as_json(rows))
    assert [row["met"] for row in document["results"]] == [True, False, True]
    assert document["results"][1]["ratio"] == 1.5 and "pyarrow" in document["machine"]


def test_waits_that_overlap_count_once():
    assert covered([]) == 0
    assert covered([(5, 6), (1, 2), (1.5, 3), (1.6, 1.7), (3, 3.5)]) == 3.5


def test_all_sides_of_extraction_see_the_same_rows(tmp_path):
    from laptop.replica import synthetic

    start = dt.date(2023, 12, 25)
    table = synthetic.sample(start, real_time_start=start)[ECO2MIX_TR.id].sort_by(
        [("date", "ascending"), ("heure", "ascending")]
    )
    labels = {field.name: field.label for field in ECO2MIX_TR.fields}
    parquet, csv = tmp_path / "export.parquet", tmp_path / "export.csv"
    pq.write_table(table, parquet)
    pcsv.write_csv(
        table.rename_columns([labels[name] for name in table.column_names]), csv, pcsv.WriteOptions(delimiter=";")
    )
    duckdb_copy([parquet], tmp_path / "copy.parquet")
    rows = [canonical([parquet], start, tmp_path / "canonical.parquet"), ingest([csv], tmp_path)]
    assert [*rows, pq.read_metadata(tmp_path / "copy.parquet").num_rows] == [table.num_rows] * 3
    renamed = pq.read_schema(tmp_path / "export.original.parquet").names
    assert column_name("Ech. comm. Italie (MW)") == "EchcommItalieMW" and "EchcommItalieMW" in renamed


@pytest.mark.parametrize("arguments", [["--pairs", "0"], ["--only", "nonsense"]])
def test_what_cannot_be_measured_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as refusal:
        main(arguments)
    assert refusal.value.code == 2 and "error:" in capsys.readouterr().err
