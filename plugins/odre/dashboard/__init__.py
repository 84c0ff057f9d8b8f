"""The dashboard: one self-contained HTML file, made from the marts and kept in the lake."""

OBJECT = "dashboard/index.html"
