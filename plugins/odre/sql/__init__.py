"""SQL statements that the pipeline sends to BigQuery itself, without dbt."""
