"""The page's JavaScript modules, called from Python in the Node that Playwright's package carries."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def of(column: str) -> dict:
    """The accessor `of(column)` of statistics.js, as an argument of a call."""
    return {"call": "of", "arguments": [column]}


class Node:
    """One Node process that answers calls of the modules' exported functions."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, module: str, name: str, *arguments: Any) -> Any:
        """Call what a module exports, `statistics.js` for example; arguments and result go through JSON.

        An export that is no function gives its keys.

        :raises AssertionError: the function threw; the message is its stack.
        """
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"module": module, "name": name, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer.get("value")


@contextmanager
def node() -> Iterator[Node]:
    """Start Node, and end it."""
    from playwright._impl._driver import compute_driver_executable

    binary, _ = compute_driver_executable()
    command = [binary, str(Path(__file__).parent / "call_module.mjs")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        yield Node(process)
    finally:
        assert process.stdin and process.stdout
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()
