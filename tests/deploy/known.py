"""The settings that the pinned Airflow and Cosmos know.

python -m tests.deploy.known     writes terraform/airflow_options.json, which `terraform plan` checks settings against
"""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import yaml

from laptop.environment import REPOSITORY

OPTIONS = REPOSITORY / "terraform" / "airflow_options.json"

# Sections that are described by providers which the Composer image has and the laptop has not.
PROVIDERS = ["celery", "celery_broker_transport_options", "fab", "kubernetes_executor", "openlineage"]


def airflow_settings() -> set[str]:
    """`section-option`, as Composer writes them, from the descriptions of Airflow and its providers and Cosmos's code."""
    airflow, cosmos = (Path(find_spec(name).origin).parent for name in ("airflow", "cosmos"))
    described = yaml.load((airflow / "config_templates" / "config.yml").read_bytes(), yaml.CSafeLoader)
    found = {f"{section}-{option}" for section, content in described.items() for option in content["options"]}
    for source in cosmos.rglob("*.py"):
        read = re.findall(r"""conf\.get\w*\(\s*"cosmos",\s*"(\w+)\"""", source.read_text())
        found |= {f"cosmos-{option}" for option in read}
    return found


def terraform_options() -> str:
    """What terraform/composer_limits.tf reads, as JSON."""
    content = {
        "airflow": version("apache-airflow"),
        "options": sorted(airflow_settings()),
        "sections_of_providers": PROVIDERS,
    }
    return json.dumps(content, indent=2) + "\n"


if __name__ == "__main__":
    OPTIONS.write_text(terraform_options())
