"""The first dbt command of the demo uses what another process has read of the dbt project."""

from __future__ import annotations

import os

import pytest
from odre.settings import Settings
from odre.transform import dbt_target_flags, profile

from laptop import dbt_ahead, dbt_once
from laptop.manifest import PROJECT
from tests.models import without_warehouse

TABLE = "eco2mix_national_tr"


@pytest.mark.service  # it takes as long as one: two processes of dbt read the project
def test_the_first_command_does_not_read_the_whole_project_again(tmp_path):
    """It has the arguments that Cosmos gives it. dbt reads all again when one of them is another."""
    from dbt.cli.main import dbtRunner

    with without_warehouse(tmp_path, built=True):
        dbt_ahead.begin(os.environ, TABLE)
        dbt_ahead.wait()
        used = profile(Settings.from_environment())
        places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        command = ["build", *places, "--profile", used.profile_name, "--target", used.target_name]
        options = dbt_once._options([*command, *dbt_target_flags(TABLE)])
        told: list[str] = []
        done = dbtRunner(callbacks=[lambda event: told.append(event.info.msg)]).invoke(["parse", *options])
    assert done.success, done.exception
    assert told and not [message for message in told if "Unable to do partial parsing" in message]
