"""What the original project does (Valkea, DE_bootcamp_project): it reads the whole labelled CSV with pandas, renames
the columns, and writes CSV and gzip-compressed Parquet. It types, checks and sorts nothing.

    python -m laptop.bench.original <folder> <csv>...

Prints the seconds it took, without imports.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pandas as pd


def column_name(label: str) -> str:
    """A label as a column name that BigQuery accepts: `Ech. comm. Italie (MW)` → `EchcommItalieMW`."""
    return re.sub(r"[^A-Za-z0-9]", "", label.replace("é", "e").replace("É", "E").replace("è", "e"))


def ingest(exports: list[Path], folder: Path) -> int:
    """Read the exports, rename their columns, and write each in both formats.

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
