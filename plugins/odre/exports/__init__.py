"""From an export of the API to canonical Parquet."""
