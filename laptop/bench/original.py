"""The original project's way (Valkea, DE_bootcamp_project): the whole labelled CSV with pandas, columns renamed,
kept as CSV and as gzip-compressed Parquet. Nothing is typed, checked or sorted.

    python -m laptop.bench.original <folder> <csv>...

Prints the seconds it took, imports not counted.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pandas as pd


def column_name(label: str) -> str:
    """A label as a column name BigQuery takes: `Ech. comm. Italie (MW)` → `EchcommItalieMW`."""
    return re.sub(r"[^A-Za-z0-9]", "", label.replace("é", "e").replace("É", "E").replace("è", "e"))


def ingest(exports: list[Path], folder: Path) -> int:
    """Read, rename, write twice.

    :returns: number of rows.
    """
    rows = 0
    for path in exports:
        frame = pd.read_csv(path, sep=";", encoding="utf-8-sig", low_memory=False).rename(columns=column_name)
        frame.to_csv(folder / f"{path.stem}.original.csv", index=False)
        frame.to_parquet(folder / f"{path.stem}.original.parquet", compression="gzip", index=False)
        rows += len(frame)
    return rows


if __name__ == "__main__":
    began = time.perf_counter()
    ingest([Path(name) for name in sys.argv[2:]], Path(sys.argv[1]))
    print(time.perf_counter() - began)
