"""The same ingestion with dlt: its REST source, Parquet files, DuckDB as destination. Runs in an environment of its
own, which `laptop.bench.ingestion` makes; it needs nothing of this project.

    python dlt_pipeline.py <base URL> <path> <key>,... <folder>

Prints seconds (imports not counted) and rows.
"""

from __future__ import annotations

import sys
import time

import dlt
import duckdb
from dlt.sources.rest_api import rest_api_source


def ingest(base_url: str, path: str, key: list[str], folder: str) -> int:
    """One merge by key of everything the address answers; number of rows in the table."""
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
