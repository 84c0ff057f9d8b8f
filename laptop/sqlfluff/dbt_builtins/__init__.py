"""Gives sqlfluff's Jinja templater the values of the project's variables.

sqlfluff loads this folder (`library_path` in pyproject.toml) and offers every public name of this module to the
templates. Its own `var()` returns the word `item` for every variable, so a loop over a variable would not become valid
SQL.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml as _yaml

_PROJECT = Path(__file__).resolve().parents[3] / "include" / "dbt" / "dbt_project.yml"


@cache
def _variables() -> dict[str, object]:
    variables: dict[str, object] = _yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["vars"]
    return variables


def var(name: str, default: object = None) -> object:
    """The value of a variable in dbt_project.yml, or the default."""
    return _variables().get(name, default)
