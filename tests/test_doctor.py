"""The doctor names the problem that keeps a command from working, in one line that says what to do."""

from __future__ import annotations

import os
import socket
import sys
from collections import namedtuple

import pytest

from laptop import doctor
from laptop.airflow import _USUAL_PORT
from laptop.stack import _USUAL_PORTS


def test_nothing_is_wrong_with_a_machine_that_runs_these_tests(tmp_path):
    assert doctor.problem(tmp_path, {}) is None
    assert doctor.problem(tmp_path, {"ODRE_DATA": str(tmp_path)}) is None
    assert [finding.name for finding in doctor.examine(tmp_path, {})] == ["Python", "folder", "disk", *["port"] * 5]


def test_a_missing_folder_of_exports_is_told_at_once(tmp_path):
    told = doctor.problem(tmp_path, {"ODRE_DATA": str(tmp_path / "nowhere")})
    assert told == f"ODRE_DATA: {tmp_path / 'nowhere'} does not exist → give a folder of ODRÉ exports"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path):
    tmp_path.chmod(0o500)
    told = doctor.problem(tmp_path, {})
    assert told == f"{tmp_path} cannot be written to → clone into a folder of your own, or chown it"


def test_another_python_and_a_full_disk_are_told(tmp_path, monkeypatch):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: usage(10**8))
    assert doctor.problem(tmp_path, {}) == f"0.1 GB are free at {tmp_path}, and 3.0 GB are needed → make room there"
    monkeypatch.setattr(sys, "version_info", (3, 13, 1, "final", 0))
    assert "Python is 3.13.1, and 3.11 or 3.12 is needed → make PYTHON=" in doctor.problem(tmp_path, {})


def test_a_python_that_can_make_no_environment_is_told_before_it_is_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert "lacks ensurepip" in doctor.problem(tmp_path, {}) and "python3-venv" in doctor.problem(tmp_path, {})
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".ready").touch()
    assert doctor.problem(tmp_path, {}) is None  # it has been made


def test_the_ports_are_those_of_the_stack():
    assert set(doctor._PORTS) == {_USUAL_PORT, *_USUAL_PORTS.values()}


def test_a_taken_port_is_named(tmp_path, monkeypatch):
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        port = owner.getsockname()[1]
        monkeypatch.setattr(doctor, "_PORTS", {port: "the Airflow UI"})
        [*_, last] = doctor.examine(tmp_path, {})
    assert str(last).split(None, 2)[2].startswith(f"{port} is taken: the Airflow UI runs already")
