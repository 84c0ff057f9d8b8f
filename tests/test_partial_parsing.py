"""The parsed project that dbt keeps is right for every window."""

from __future__ import annotations

import os
from datetime import date
from unittest.mock import patch

from laptop.manifest import PROJECT
from tests.models import without_warehouse
from tests.project import NONE, environment_of

YEAR, LATER = ("2023-12-25", "2024-01-02"), ("2024-03-05", "2024-03-05")
MODELS = {"int_mix_daily_observed", "mix_hourly", "mix_quarter_hourly"}


def test_the_partitions_are_those_of_the_window_and_the_rest_is_read_once(tmp_path):
    """A run rebuilds months that its statement names, which are in what dbt keeps. Without a window they must not end
    at the day on which dbt has read the project: tomorrow's rows would be inserted beside those that stand."""
    from dbt.cli.main import dbtRunner

    def parsed(window: tuple[str, str]) -> tuple[list[str], bool]:
        """The months in which models are rebuilt, and whether the whole project was read for it."""
        messages: list[str] = []
        options = (
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target-path",
            str(tmp_path / "kept"),
        )
        with patch.dict(os.environ, environment_of(window)):
            done = dbtRunner(callbacks=[lambda event: messages.append(event.info.msg)]).invoke(["parse", *options])
        assert done.success, done.exception
        found = {
            node.name: node.config["partitions"]
            for node in done.result.nodes.values()
            if node.resource_type == "model" and "partitions" in node.config
        }
        assert found.keys() == MODELS
        [months] = {tuple(partitions) for partitions in found.values()}
        return [month.removeprefix("date ").strip("'") for month in months], any(
            "Unable to do partial parsing" in message for message in messages
        )

    with without_warehouse(tmp_path, built=True):
        assert parsed(YEAR) == (["2023-12-01", "2024-01-01"], True)
        assert parsed(LATER) == (["2024-03-01"], False)
        months, anew = parsed(NONE)
        assert (months[-1], anew) == (f"{date.today().year + 1}-12-01", False)
        assert parsed(YEAR) == (["2023-12-01", "2024-01-01"], False)
