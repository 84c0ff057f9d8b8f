"""SQL statements the pipeline sends to BigQuery, apart from dbt's."""
