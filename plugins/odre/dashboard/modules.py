"""The page's JavaScript modules, in a form that one HTML file can carry.

A browser cannot resolve `./format.js` inside a file that stands alone. An import map solves this: it gives every
module a name and an address, which here is a `data:` URL with the module's text. Node and the linter read the same
text, except that its relative imports are replaced by names (`page/format.js`).
"""

from __future__ import annotations

import posixpath
import re
from base64 import b64encode
from pathlib import Path

_IMPORT = re.compile(r'^(import (?:[^;"]+ from )?)"(\.[^"]+)";$', re.MULTILINE)


def import_map(folder: Path) -> dict[str, dict[str, str]]:
    """The import map of all modules in a folder and its subfolders, named `page/<path>`.

    :raises ValueError: a module imports a file that is not there.
    """
    files = {f"page/{path.relative_to(folder).as_posix()}": path for path in sorted(folder.rglob("*.js"))}
    named = {name: _with_names(name, path.read_text(encoding="utf-8"), set(files)) for name, path in files.items()}
    return {
        "imports": {
            name: f"data:text/javascript;charset=utf-8;base64,{b64encode(text.encode()).decode()}"
            for name, text in named.items()
        }
    }


def _with_names(name: str, text: str, known: set[str]) -> str:
    """The text of module `name`, with names instead of relative paths in its imports."""

    def replaced(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), found[2]))
        if target not in known:
            raise ValueError(f"{name} imports {found[2]}, which is no module of the page")
        return f'{found[1]}"{target}";'

    return _IMPORT.sub(replaced, text)
