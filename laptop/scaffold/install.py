"""Puts the files of a new dataset into the repository: all of them if they are valid, otherwise none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from odre.contract import load_contract, read_contract, tables
from odre.errors import ContractError
from odre.ledger import LEDGER, SET_ASIDE

from laptop.scaffold.proposal import table_of
from laptop.scaffold.source import Refused

#: Folders that a copy of the project needs so that dbt can parse it and the manifests can be made.
_PARTS = ("include/dbt", "plugins", "laptop", "dags")
#: Folders in which files of a dataset can be, generated ones included.
_WRITTEN = ("include/dbt", "dags")
#: Beginning of the name of the copy, which git ignores.
_COPY = ".scaffold-"
_IGNORED = shutil.ignore_patterns("__pycache__", "target", "logs", ".user.yml")


def refuse_known(repository: Path, dataset_id: str) -> None:
    """Refuse an id whose dataset or table is already in the repository, and an id that cannot name a table.

    :raises Refused: the id is refused; the message names the file, if there is one.
    """
    table = table_of(dataset_id)
    if not table.replace("_", "").isalnum() or not table.isascii() or table != table.lower():
        raise Refused(f"{dataset_id!r} is no id of a dataset → take the last part of its page's address")
    if table in (LEDGER, SET_ASIDE):
        raise Refused(f"{dataset_id}: the pipeline has a table {table} of its own → choose another dataset")
    for known in tables():
        contract = load_contract(known)
        if dataset_id in (contract.dataset_id, contract.history_dataset_id):
            raise Refused(f"{dataset_id}: include/dbt/models/staging/{known}/_sources.yml loads it already → edit that")
    for path in (Path("include/dbt/models/staging") / table, Path("dags") / f"{table}.py"):
        if (repository / path).exists():
            raise Refused(f"{dataset_id}: {path} exists already → edit it, or remove it first")


def install(repository: Path, files: Mapping[Path, str], table: str, say: Callable[[str], None]) -> list[Path]:
    """Write the files of a dataset, and what is generated from them, into the repository.

    They are first written into a copy of the project, in which the contract is read and dbt parses everything. If that
    fails, or the command is interrupted, the repository stays as it was.

    :param files: texts by path within the repository.
    :returns: the paths written, within the repository.
    :raises Refused: the project with these files is not valid.
    """
    _remove_leftovers(repository)
    with tempfile.TemporaryDirectory(prefix=_COPY, dir=repository) as folder:
        copy = Path(folder)
        for part in _PARTS:
            shutil.copytree(repository / part, copy / part, ignore=_IGNORED)
        for path, text in files.items():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_text(text, encoding="utf-8")
        say("reading the contract, parsing the dbt project with it, making the manifests")
        _validate(copy, table)
        changed = _differences(copy, repository)
        with _undone_if_interrupted(repository, changed, copy / "before"):
            for path in changed:
                (repository / path).parent.mkdir(parents=True, exist_ok=True)
                (copy / path).replace(repository / path)
        return changed


def _remove_leftovers(repository: Path) -> None:
    """Remove copies of commands that were killed. A copy younger than an hour may belong to a command that runs."""
    for copy in repository.glob(f"{_COPY}*"):
        if time.time() - copy.stat().st_mtime > 3600:
            shutil.rmtree(copy, ignore_errors=True)


def _validate(copy: Path, table: str) -> None:
    """Read the contract, and generate the files that are made from the whole project.

    :raises Refused: the contract is not valid, or dbt cannot parse the project.
    """
    project = copy / "include" / "dbt"
    try:
        read_contract(project / "models" / "staging" / table / "_sources.yml", table)
    except ContractError as error:
        raise Refused(f"{table}: the proposed contract is not valid ({error.cause}) → report this dataset") from error
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    environment |= {"PYTHONPATH": f"{copy}:{copy / 'plugins'}", "DBT_PROJECT_DIR": str(project)}
    command = [sys.executable, "-m", "laptop.manifest"]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = " ".join((done.stdout + done.stderr).split())[-300:]
        raise Refused(f"{table}: dbt cannot parse the project with it ({tail}) → see whether `make manifest` works")


def _differences(copy: Path, repository: Path) -> list[Path]:
    """Files of the copy that the repository lacks, or that differ from its own."""
    found = [path for part in _WRITTEN for path in (copy / part).rglob("*") if path.is_file()]
    within = sorted(path.relative_to(copy) for path in found if not set(path.parts) & {"__pycache__", "target", "logs"})
    return [
        path
        for path in within
        if not (repository / path).exists() or (repository / path).read_bytes() != (copy / path).read_bytes()
    ]


@contextmanager
def _undone_if_interrupted(repository: Path, paths: list[Path], before: Path) -> Iterator[None]:
    """Restore the paths when the block ends with an error or is interrupted."""
    old = [path for path in paths if (repository / path).exists()]
    for path in old:
        (before / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(repository / path, before / path)
    try:
        yield
    except BaseException:
        for path in paths:
            if path in old:
                (before / path).replace(repository / path)
            else:
                (repository / path).unlink(missing_ok=True)
                _remove_if_empty((repository / path).parent)
        raise


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
