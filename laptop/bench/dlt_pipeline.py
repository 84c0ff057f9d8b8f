"""The same ingestion with dlt: its REST source, Parquet files, DuckDB as destination. It runs in an environment of its
own, which `laptop.bench.ingestion` makes, and imports nothing from this project.

    python dlt_pipeline.py <base URL> <path> <key>,... <folder>

Prints seconds (without imports) and rows.
"""

from __future__ import annotations

import sys
import time

import dlt
import duckdb
from dlt.sources.rest_api import rest_api_source


def ingest(base_url: str, path: str, key: list[str], folder: str) -> int:
    """Merge, by key, all rows that the URL answers.

    :returns: number of rows in the table.
    """
    source = rest_api_source(
        {
            "client": {"base_url": base_url},
            "resources": [
                {
                    "name": "mix",
                    "write_disposition": "merge",
                    "primary_key": key,
                    "endpoint": {"path": path, "paginator": "single_page"},
                }
            ],
        }
    )
    file = f"{folder}/warehouse.duckdb"
    pipeline = dlt.pipeline(
        "bench", pipelines_dir=folder, destination=dlt.destinations.duckdb(file), dataset_name="odre"
    )
    pipeline.run(source, loader_file_format="parquet")
    with duckdb.connect(file) as connection:
        return len(connection.execute("select 1 from odre.mix").fetchall())


if __name__ == "__main__":
    began = time.perf_counter()
    rows = ingest(sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4])
    print(time.perf_counter() - began, rows)
