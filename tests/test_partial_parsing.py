"""The parsed project that dbt keeps is right for every window."""

from __future__ import annotations

import os
from datetime import date
from unittest.mock import patch

from laptop.manifest import PROJECT
from tests.models import without_warehouse
from tests.project import NONE, environment_of, kept

YEAR, LATER = ("2023-12-25", "2024-01-02"), ("2024-03-05", "2024-03-05")


def test_the_partitions_are_those_of_the_window_and_the_project_is_read_once(tmp_path):
    """A run rebuilds the months that its statement names. Without a window they must not end today: rows with forecasts
    lie beyond it, and would be inserted beside those that stand."""
    from dbt.cli.main import dbtRunner

    def named(window: tuple[str, str]) -> tuple[list[str], bool]:
        """The months in which models are rebuilt, and whether the whole project was read for it."""
        messages: list[str] = []
        options = (
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target-path",
            str(tmp_path / "kept"),
            "--no-populate-cache",
        )
        with patch.dict(os.environ, environment_of(window)):
            done = dbtRunner(callbacks=[lambda event: messages.append(event.info.msg)]).invoke(
                ["compile", "--inline", "{{ window_partitions() | join(' ') }}", *options]
            )
        assert done.success, done.exception
        [result] = done.result.results
        months = result.node.compiled_code.replace("date ", "").replace("'", "").split()
        return months, any("Unable to do partial parsing" in message for message in messages)

    with without_warehouse(tmp_path, built=True):
        assert named(YEAR) == (["2023-12-01", "2024-01-01"], True)
        assert named(LATER) == (["2024-03-01"], False)
        months, anew = named(NONE)
        assert (months[-1], anew) == (f"{date.today().year + 1}-12-01", False)
        assert named(YEAR) == (["2023-12-01", "2024-01-01"], False)


def test_what_dbt_reads_does_not_depend_on_the_window():
    """dbt keeps what it has read from one command to the next, and reads a file anew when a variable of the environment
    that it names has changed."""
    named = kept().env_vars.keys()
    assert "ECO2MIX_STAGING_DATASET" in named
    assert not [name for name in named if name.startswith("ECO2MIX_WINDOW")]
