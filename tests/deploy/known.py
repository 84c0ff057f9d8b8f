"""The settings that the pinned Airflow and Cosmos know."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import yaml


def airflow_settings() -> set[str]:
    """`section-option`, as Composer writes them, from Airflow's description of its settings and Cosmos's code."""
    airflow, cosmos = (Path(find_spec(name).origin).parent for name in ("airflow", "cosmos"))
    described = yaml.load((airflow / "config_templates" / "config.yml").read_bytes(), yaml.CSafeLoader)
    found = {f"{section}-{option}" for section, content in described.items() for option in content["options"]}
    for source in cosmos.rglob("*.py"):
        read = re.findall(r"""conf\.get\w*\(\s*"cosmos",\s*"(\w+)\"""", source.read_text())
        found |= {f"cosmos-{option}" for option in read}
    return found
