"""The SQL that dbt makes of the models is linted, because models that use dbt's own objects do not render in `make lint`."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

from odre.window import Window

from laptop.environment import REPOSITORY
from tests.models import compiled

RULES = "aliasing,ambiguous,capitalisation,convention,references,structure"


def test_compiled_models_pass_sqlfluff(tmp_path):
    compiled(tmp_path, again=Window(date(2021, 12, 1), date(2022, 1, 15)))
    models = tmp_path / "compiled" / "eco2mix" / "models"
    assert len(list(models.rglob("*.sql"))) > 30
    sqlfluff = Path(sys.executable).with_name("sqlfluff")
    done = subprocess.run(
        [sqlfluff, "lint", "--config", "pyproject.toml", "--templater", "raw", "--rules", RULES, models],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
