"""Macros that the scheduler has compiled are those that dbt calls in the tasks forked from it."""

from __future__ import annotations

from dbt_common.clients.jinja import template_cache

from laptop.dbt_templates import compile_macros
from tests.project import read


def test_dbt_finds_the_template_of_every_macro(monkeypatch):
    """dbt looks for a template by the macro's text."""
    monkeypatch.setattr(template_cache, "file_cache", {})
    compile_macros()
    compiled = set(template_cache.file_cache)
    macros = read()["macros"]
    assert len(macros) > 500 and [name for name, macro in macros.items() if macro["macro_sql"] not in compiled] == []
