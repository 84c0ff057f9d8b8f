"""What the committed manifests say of the dbt project: which models are downstream of a landing table, what these read,
and by which task each is built.

`make manifest` makes them (`laptop/manifest.py`): one of the whole project, and one of each DAG, with which it is
rendered. Functions take one as a parameter, and name nodes by dbt's unique ids where they do not say otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from odre.contract import SOURCE_NAME
from odre.settings import dbt_project_dir

MANIFEST = "manifest.json"
#: Folder of the manifests of single DAGs, in the dbt project.
MANIFESTS = "manifests"
# Models with the tag of a subject are built together, in the task of that subject. Marts have this tag too, which says
# that others may build on them (dbt_project.yml).
_MART = "mart"


def dag_manifest(table: str) -> Path:
    """The file from which the DAG of a landing table is rendered."""
    return dbt_project_dir() / MANIFESTS / f"{table}.json"


def read_manifest(path: Path | None = None) -> dict[str, Any]:
    """A committed manifest.

    :param path: the manifest of one DAG; without it, the manifest of the whole project is read.
    :raises FileNotFoundError: `make manifest` has not made it yet.
    """
    path = path or dbt_project_dir() / MANIFEST
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing → run `make manifest`, and commit what it writes")
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def subjects(manifest: dict[str, Any], table: str) -> dict[str, set[str]]:
    """Subjects of the marts downstream of `table`, by name, with the other subjects whose marts they read."""
    of = {i: name for name, marts in marts_by_subject(manifest, table).items() for i in marts}
    found: dict[str, set[str]] = {name: set() for name in sorted(set(of.values()))}
    for i, name in of.items():
        found[name].update({of[parent] for parent in manifest["parent_map"][i] if parent in of} - {name})
    return found


def marts_by_subject(manifest: dict[str, Any], table: str) -> dict[str, set[str]]:
    """The models downstream of `table` that are built with a subject, as unique ids of dbt, by subject."""
    nodes, found = manifest["nodes"], dict[str, set[str]]()
    for i in reachable(manifest["child_map"], landing(manifest, table)):
        if i in nodes and nodes[i]["resource_type"] == "model" and (subject := subject_of(nodes[i])):
            found.setdefault(subject, set()).add(i)
    return found


def subject_of(node: dict[str, Any]) -> str | None:
    """The subject whose task builds a model; `None` for a model that has a task of its own.

    :raises ValueError: a mart has no tag of a subject, so that its task would have no name.
    """
    subject: str | None = next((tag for tag in node["tags"] if tag != _MART), None)
    if subject is None and _MART in node["tags"]:
        raise ValueError(
            f"mart {node['name']}: no tag names its subject → give its folder a tag in include/dbt/dbt_project.yml, "
            "then run `make manifest`"
        )
    return subject


def neighbours(manifest: dict[str, Any], table: str) -> set[str]:
    """Names of the models that the models downstream of `table` read and that are not downstream of it."""
    return read_by(manifest, table, reachable(manifest["child_map"], landing(manifest, table)), "model")


def seeds(manifest: dict[str, Any], table: str) -> set[str]:
    """Names of the seeds that the models downstream of `table` read, or the neighbours of these."""
    return read_by(manifest, table, reachable(manifest["child_map"], landing(manifest, table)), "seed")


def read_by(manifest: dict[str, Any], table: str, readers: Iterable[str], kind: str) -> set[str]:
    """Names of the nodes that these nodes read, directly or through others, and that are not downstream of `table`.

    :param kind: `model` or `seed`.
    """
    nodes = manifest["nodes"]
    downstream = reachable(manifest["child_map"], landing(manifest, table))
    upstream = reachable(manifest["parent_map"], readers)
    return {nodes[i]["name"] for i in upstream - downstream if i in nodes and nodes[i]["resource_type"] == kind}


def landing(manifest: dict[str, Any], table: str) -> list[str]:
    """The landing table as a node of the graph, or nothing when dbt does not know it."""
    return [i for i, s in manifest["sources"].items() if (s["source_name"], s["name"]) == (SOURCE_NAME, table)]


def reachable(edges: dict[str, list[str]], starts: Iterable[str]) -> set[str]:
    """The nodes that can be reached along these edges, starts included."""
    found, waiting = set(), list(starts)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(edges.get(node, ()))
    return found


def compiled_files(manifest: dict[str, Any], models: set[str]) -> set[str]:
    """Names of the files into which dbt compiles these models and their tests."""
    nodes = manifest["nodes"]
    own = [i for i, node in nodes.items() if node["name"] in models]
    tests = {i for model in own for i in manifest["child_map"][model] if i.startswith("test.")}
    return {Path(nodes[i]["path"]).name for i in {*own, *tests}}
