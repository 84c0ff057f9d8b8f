"""Figures that others have published and that the page shows beside its own. `published.yml` holds them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parent / "published.yml"


@cache
def published() -> dict[str, Any]:
    """`publisher`; `annual`, a list of `year`, `twh` by column of `dashboard_daily`, `publication`, `stated`, `link`;
    `formulas`, the address of the method's source."""
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found
