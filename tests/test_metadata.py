"""PostgreSQL starts in any folder, and no other user may read or enter it."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from laptop import metadata


def test_the_folder_of_the_socket_may_have_a_space(tmp_path, monkeypatch):
    pgserver = pytest.importorskip("pgserver", reason="PostgreSQL of the package pgserver has no wheel here")
    given = []
    monkeypatch.setattr(pgserver, "pg_ctl", lambda arguments, **options: given.extend([*arguments, options]))
    assert metadata._pgserver() is pgserver
    pgserver.postgres_server.pg_ctl(["-w", "-o", f"-k {tmp_path}/my clone", "start"], pgdata=tmp_path)
    assert given == ["-w", "-o", f"-k '{tmp_path}/my clone'", "start", {"pgdata": tmp_path}]


@pytest.mark.parametrize(
    "left", [f"{os.getpid()}\n/a/folder\n", "999999999\n", ""], ids=["another process's", "nobody's", "empty"]
)
def test_a_database_that_was_killed_does_not_run(tmp_path, left):
    database = metadata.MetadataDatabase(tmp_path)
    database.postgres.mkdir()
    (database.postgres / "postmaster.pid").write_text(left)
    assert not database.running and not database.stop()


def test_others_may_pass_through_the_folders_above_and_not_list_them(tmp_path):
    (inner := tmp_path / "private" / "state" / "postgres").mkdir(parents=True)
    for folder in (inner, inner.parent, inner.parent.parent):
        folder.chmod(0o700)
    above = [inner.parent, inner.parent.parent]  # and not the folders of this machine
    metadata.let_others_through(SimpleNamespace(parents=above))
    modes = [folder.stat().st_mode & 0o777 for folder in (inner, inner.parent, inner.parent.parent)]
    assert modes == [0o700, 0o711, 0o711]
