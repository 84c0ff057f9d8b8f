"""The SQL that dbt makes of the models is linted, because models that use dbt's own objects do not render in `make lint`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from laptop.environment import REPOSITORY
from tests.models import without_warehouse
from tests.project import dbt, read

# All of the groups that are not about layout, but ST04: a macro that makes a CASE may stand in the ELSE of another one.
RULES = "aliasing,ambiguous,capitalisation,convention,references,ST01,ST02,ST03,ST05,ST07,ST08,ST09,ST10,ST11,ST12"


@pytest.mark.service  # it takes as long as one: sqlfluff reads every model once more
def test_compiled_models_pass_sqlfluff(tmp_path):
    """All models, each without the text of the ephemeral ones that it reads, and one data test of every kind."""
    window = ("2021-12-01", "2022-01-15")
    selected = ("--select", "resource_type:model", "--exclude", "resource_type:unit_test")
    with without_warehouse(tmp_path, built=True):
        done = dbt("compile", "--no-populate-cache", "--no-inject-ephemeral-ctes", *selected, window=window)
        assert done.success, done.exception
    (folder := tmp_path / "compiled").mkdir()
    for node in (result.node for result in done.result.results):
        kind = node.test_metadata.name if node.resource_type == "test" and node.test_metadata else node.name
        (folder / f"{kind}.sql").write_text(node.compiled_code + "\n", encoding="utf-8")
    models = {name for name, node in read()["nodes"].items() if node["resource_type"] == "model"}
    assert {name.split(".")[-1] for name in models} < {file.stem for file in folder.iterdir()}
    sqlfluff = Path(sys.executable).with_name("sqlfluff")
    done = subprocess.run(
        [sqlfluff, "lint", "--config", "pyproject.toml", "--templater", "raw", "--rules", RULES, folder],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "Skipping" not in done.stdout + done.stderr, done.stdout + done.stderr
