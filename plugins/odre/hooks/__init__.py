"""Airflow hooks of this package: one class per file."""
