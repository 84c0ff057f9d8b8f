"""Airflow operators of this package: one class per file."""
