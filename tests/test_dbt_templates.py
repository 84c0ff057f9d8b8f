"""Macros that the scheduler has compiled are those that dbt calls in the tasks forked from it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from dbt_common.clients.jinja import template_cache

from laptop.dbt_templates import compile_macros
from laptop.environment import REPOSITORY
from tests.project import read


def test_dbt_finds_the_template_of_every_macro(monkeypatch):
    """dbt looks for a template by the macro's text."""
    monkeypatch.setattr(template_cache, "file_cache", {})
    compile_macros()
    compiled = set(template_cache.file_cache)
    macros = read()["macros"]
    assert len(macros) > 500 and [name for name, macro in macros.items() if macro["macro_sql"] not in compiled] == []


@pytest.mark.service  # it takes as long as one: it imports what the scheduler imports
def test_the_scheduler_has_them_before_it_forks_a_task():
    """Airflow imports this module in each of its processes."""
    told = "import airflow_local_settings; from dbt_common.clients.jinja import template_cache as t; print(len(t.file_cache))"
    folder = str(REPOSITORY / "laptop" / "airflow_config")
    begun = f"import sys; sys.argv[1:] = ['scheduler']; sys.path.insert(0, {folder!r}); {told}"
    done = subprocess.run([sys.executable, "-c", begun], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) > 500
