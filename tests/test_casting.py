"""Text of an export becomes numbers, or is refused; and long exports need little memory."""

import datetime as dt
import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odre.contract_columns import Column
from odre.exports.casting import CastError, cast_column
from odre.exports.checks import in_order


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(-(10**9), 10**9))))
def test_numbers_survive_being_text(values):
    column = Column(name="x", data_type="FLOAT64", description="d", label="x")
    text = pa.array([None if v is None else f" {v} " for v in values], pa.string())
    assert cast_column(text, column, pa.float64()).to_pylist() == [None if v is None else float(v) for v in values]


@given(
    st.text(min_size=1).filter(
        lambda s: (
            s.strip()
            and s.strip()[0] not in "0123456789.+-"
            and s.strip() not in ("ND", "nd", "NaN", "nan", "null", "None")
        )
    )
)
def test_what_is_no_number_is_refused(text):
    column = Column(name="x", data_type="FLOAT64", description="d", label="x")
    with pytest.raises(CastError):
        cast_column(pa.array([text], pa.string()), column, pa.float64())


def test_an_instant_without_a_zone_is_in_utc():
    """Exports are asked for in UTC. Read as Paris time, it would be an hour earlier."""
    column = Column(name="x", data_type="TIMESTAMP", description="d", label="x")
    moment = dt.datetime(2022, 1, 1, 12)
    [found] = cast_column(pa.array([moment], pa.timestamp("us")), column, pa.timestamp("us", "UTC")).to_pylist()
    assert found == moment.replace(tzinfo=dt.timezone.utc)


def test_a_fraction_is_no_whole_number():
    column = Column(name="x", data_type="INT64", description="d", label="x")
    assert cast_column(pa.array([1.0, None]), column, pa.int64()).to_pylist() == [1, None]
    with pytest.raises(CastError, match="a whole number"):
        cast_column(pa.array([1.0, 1.5]), column, pa.int64())


def test_memory_does_not_grow_with_history(tmp_path):
    """Twelve years of quarter-hours pass in less than 500 MB resident."""
    script = """
import datetime as dt, sys
from pathlib import Path
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
from odre.exports.checks import Finding
from odre.exports.writing import CanonicalWriter
from odre.contract import load_contract
from odre.window import Window
c, folder = load_contract("eco2mix_national_tr"), Path(sys.argv[1])
first = np.datetime64("2012-01-01")
with pq.ParquetWriter(folder / "e", c.arrow_schema) as w:
    for month in range(144):
        a, b = (np.datetime64("2012-01", "M") + month + n for n in (0, 1))
        t = np.arange(a.astype("datetime64[m]"), b.astype("datetime64[m]"), np.timedelta64(15, "m"))
        n, iso = len(t), np.datetime_as_string(t)
        instants = pa.array(t.astype("datetime64[us]")).cast(pa.timestamp("us"))
        import pyarrow.compute as pc
        cols = {"perimetre": ["France"] * n, "nature": [c.maturity.order[0]] * n, "date": [x[:10] for x in iso],
                "heure": [x[11:] for x in iso], "date_heure": pc.assume_timezone(instants, "Europe/Paris", ambiguous="earliest", nonexistent="earliest").cast(pa.timestamp("us", "UTC"))}
        for x in c.columns:
            if x.unit: cols[x.name] = np.zeros(n) + (n % 7)
        t = pa.table({k: pa.array(v).cast(c.arrow_schema.field(k).type) for k, v in cols.items()})
        w.write_table(t.cast(c.arrow_schema))
with CanonicalWriter(c, Window(dt.date(2012, 1, 1), dt.date(2023, 12, 31)), folder / "o") as w:
    w.add(folder / "e")
# the peak of this process alone: ru_maxrss would start at the size of the process that forked it
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(w.outcome.written, int(peak) // 1024)
"""
    answer = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr[-2000:]
    rows, megabytes = map(int, answer.stdout.split())
    assert rows == 4_383 * 96 and megabytes < 500


@given(
    st.lists(
        st.tuples(st.sampled_from([dt.date(2024, 1, day) for day in (1, 2, 3)]), st.sampled_from("aàb")), max_size=6
    )
)
def test_rows_are_sorted_unless_they_ascend_already(rows):
    """By the first name, then the second, as pyarrow sorts."""
    names = ["day", "site"]
    columns = [[row[number] for row in rows] for number in (0, 1)]
    table = pa.table([pa.array(columns[0], pa.date32()), pa.array(columns[1], pa.string())], names=names)
    assert in_order(table, names) == table.sort_by([(name, "ascending") for name in names]).equals(table)


def test_a_null_is_in_no_order():
    assert not in_order(pa.table({"day": [1, None, 2]}), ["day"])
