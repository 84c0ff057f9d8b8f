"""Break the code on purpose, one line at a time, and name the test that finds it.

    python -m tests.breaks [--only NAME …] [--tests PATH … | --histories] [--jobs 2]

Every entry of `breaks.toml` is applied to a copy of the working tree, and the tests that the entry names are run there
until one fails. A break that no test finds is a missing test. The command ends with status 1 when there is one, or when
the text of an entry no longer stands in its file. It takes tens of minutes and is not part of `make test`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from pydantic import BaseModel, ConfigDict, Field

from laptop.environment import REPOSITORY

LIST = Path(__file__).with_name("breaks.toml")
HISTORIES = "tests/histories/test_histories.py"
_LONGEST_SECONDS = 900
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


class Break(BaseModel):
    """One deliberate fault.

    :param name: what is wrong with the code once it is broken, in a few words.
    :param file: file to change, relative to the repository.
    :param find: text that stands in the file exactly once.
    :param replace: text that takes its place.
    :param tests: pytest arguments of the tests that should find it, the quickest first.
    :param histories: whether the random histories find it too, when no other test is run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    file: str
    find: str
    replace: str
    tests: list[str] = Field(min_length=1)
    histories: bool = False

    def applied_to(self, text: str) -> str:
        """`text` with the fault in it.

        :raises ValueError: the text to find is not there exactly once.
        """
        if (found := text.count(self.find)) != 1:
            raise ValueError(f"{self.name}: {self.find!r} stands {found} times in {self.file} → correct {LIST.name}")
        return text.replace(self.find, self.replace)


def breaks() -> list[Break]:
    """All entries of the list."""
    return [Break(**entry) for entry in tomllib.loads(LIST.read_text(encoding="utf-8"))["break"]]


def copy_of_the_tree(destination: Path) -> None:
    """Copy what git tracks, and what it would track, with links to the environments."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        source, target = REPOSITORY / name, destination / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    for environment in (".venv", ".venv-stack"):
        (destination / environment).symlink_to((REPOSITORY / environment).resolve())
    for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
        subprocess.run(command, cwd=destination, check=True)


@contextmanager
def _broken(tree: Path, fault: Break) -> Iterator[None]:
    path = tree / fault.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(fault.applied_to(whole), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(whole, encoding="utf-8")


def found_by(tree: Path, fault: Break) -> str | None:
    """The first test that fails in `tree` while `fault` is in it; `None` when all pass."""
    environment = os.environ | {
        "PYTHONPATH": f"{tree}:{tree / 'plugins'}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "ODRE_DATA": os.environ.get("ODRE_DATA") or str(REPOSITORY.parent / "shared" / "data" / "odre"),
    }
    with _broken(tree, fault):
        for test in fault.tests:
            command = [tree / ".venv" / "bin" / "python", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", test]
            try:
                done = subprocess.run(
                    command, cwd=tree, env=environment, capture_output=True, text=True, timeout=_LONGEST_SECONDS
                )
            except subprocess.TimeoutExpired:
                return f"{test} (did not end)"
            if done.returncode:
                failed = _FAILED.search(done.stdout)
                return failed[1] if failed else f"{test} (pytest ended with {done.returncode})"
    return None


def run(chosen: list[Break], jobs: int) -> int:
    """Try every break, print one line for each; returns how many no test found."""
    with tempfile.TemporaryDirectory(prefix="eco2mix-breaks-") as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            tree = Path(folder) / str(number)
            copy_of_the_tree(tree)
            trees.put(tree)

        def attempt(fault: Break) -> bool:
            tree, began = trees.get(), time.monotonic()
            try:
                finder = found_by(tree, fault)
            finally:
                trees.put(tree)
            print(f"{fault.name}\n    {finder or 'NOT FOUND'}  ({time.monotonic() - began:.0f} s)", flush=True)
            return finder is not None

        with ThreadPoolExecutor(jobs) as pool:
            results = list(pool.map(attempt, chosen))
    print(f"{results.count(True)} of {len(results)} breaks were found")
    return results.count(False)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.breaks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", metavar="TEXT", help="only the breaks whose name contains one of these")
    parser.add_argument("--tests", nargs="+", metavar="PATH", help="these tests instead of those that a break names")
    parser.add_argument(
        "--histories", action="store_true", help="only the breaks that the random histories find, with these alone"
    )
    parser.add_argument("--jobs", type=int, default=2, help="how many to try at a time (default: 2)")
    options = parser.parse_args()
    try:
        chosen = [b for b in breaks() if not options.only or any(text in b.name for text in options.only)]
        if options.histories:
            chosen = [b for b in chosen if b.histories]
        if tests := [HISTORIES] if options.histories else options.tests:
            chosen = [b.model_copy(update={"tests": tests}) for b in chosen]
        for fault in chosen:
            fault.applied_to((REPOSITORY / fault.file).read_text(encoding="utf-8"))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 1 if run(chosen, options.jobs) else 0


if __name__ == "__main__":
    sys.exit(main())
