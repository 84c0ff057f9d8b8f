"""The licences of everything that requirements.lock installs, from the packages' own metadata.

python -m tests.deploy.licences     writes docs/licences.md
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from laptop.environment import REPOSITORY

PAGE = REPOSITORY / "docs" / "licences.md"

# What the metadata do not name. All but the last one carry their licence's text; that one carries nothing, and its
# project's licence is given.
KNOWN = {
    "axe-playwright-python": "MIT, and MPL-2.0 for axe-core",
    "google-ads": "Apache-2.0",
    "pgserver": "Apache-2.0",
    "tiktoken": "MIT",
    "openlineage-sql": "Apache-2.0 (OpenLineage's)",
}

_LONG = 60  # a longer field is the licence's text, not its name


def licence_of(package: Distribution) -> str | None:
    """Name of a package's licence: its SPDX expression, else its classifiers, else its field; None when it has none."""
    if expression := package.metadata.get("License-Expression"):
        return expression
    classifiers = [
        c.split(" :: ")[-1] for c in package.metadata.get_all("Classifier", []) if c.startswith("License ::")
    ]
    if named := [name for name in classifiers if name != "OSI Approved"]:
        return ", ".join(sorted(named))
    field = (package.metadata.get("License") or "").strip()
    if field and "\n" not in field and len(field) <= _LONG and field != "UNKNOWN":
        return field
    return KNOWN.get(canonicalize_name(package.metadata["Name"]))


def locked() -> list[str]:
    """Names of all locked packages."""
    found = re.findall(
        r"^([A-Za-z0-9][\w.-]*)(?:\[[^]]+\])?==", (REPOSITORY / "requirements.lock").read_text(), re.MULTILINE
    )
    return sorted({canonicalize_name(name) for name in found})


def deployed() -> set[str]:
    """What Composer and Astro install of it: requirements.txt and all that it needs."""
    lines = (REPOSITORY / "requirements.txt").read_text().splitlines()
    waiting = [Requirement(line) for line in lines if line[:1].isalnum()]
    found: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found:
            continue
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        found.add(name)
        environments = [{"extra": extra} for extra in requirement.extras or [""]]
        needed = (Requirement(line) for line in needs)
        waiting += [n for n in needed if not n.marker or any(n.marker.evaluate(e) for e in environments)]
    return found


def page() -> str:
    """The list as a Markdown page; packages that this platform does not install are left out."""
    rows, installed_there = [], deployed()
    for name in locked():
        try:
            licence = licence_of(distribution(name))
        except PackageNotFoundError:
            continue
        rows.append((name, licence or "not stated", "yes" if name in installed_there else ""))
    lines = [f"| {name} | {licence} | {where} |" for name, licence, where in rows]
    return "\n".join(
        [
            "# Licences of the packages",
            "",
            "Written by `make lock` from the packages' own metadata; do not edit. *Deployed*: installed on Composer and Astro,",
            "where the image brings more. The rest is for the laptop and CI. The emulators are in `laptop/requirements.txt`.",
            "",
            "| package | licence | deployed |",
            "|---|---|---|",
            *lines,
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(page())
