"""The layers of the code have no circles, and deployed code does not import the laptop's."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from laptop.environment import REPOSITORY

PLUGINS = REPOSITORY / "plugins"


def imported(path: Path, package: str) -> set[str]:
    """The modules of a package that a file imports, within functions too, by their parts after the package's name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return {name.removeprefix(f"{package}.") for name in found if name.startswith(f"{package}.")}


@pytest.mark.parametrize("package", ["plugins/odre", "laptop"])
def test_no_folder_and_no_module_imports_what_imports_it(package):
    """A folder of the package counts as one room, and a module beside it as another."""
    folder = REPOSITORY / package
    rooms = {path.relative_to(folder).parts[0].removesuffix(".py"): set() for path in folder.rglob("*.py")}
    for path in folder.rglob("*.py"):
        room = path.relative_to(folder).parts[0].removesuffix(".py")
        rooms[room] |= {name.split(".")[0] for name in imported(path, folder.name)} & rooms.keys() - {room}
    assert len(list(TopologicalSorter(rooms).static_order())) == len(rooms) > 10


def test_what_is_deployed_does_not_import_the_laptop_or_the_tests():
    deployed = [*PLUGINS.rglob("*.py"), *(REPOSITORY / "dags").glob("*.py")]
    assert [path for path in deployed for package in ("laptop", "tests") if imported(path, package)] == []
