"""Make `include/dbt/manifest.json`, from which Cosmos renders the dbt project without starting dbt.

Only what rendering needs is kept, in a stable order and free of anything that depends on the machine or
the day, so that the file can be committed and compared.

    python -m laptop.manifest [--check]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from laptop.environment import REPOSITORY

PROJECT = REPOSITORY / "include" / "dbt"
MANIFEST = PROJECT / "manifest.json"
_NODE_KEYS = (
    "unique_id", "name", "alias", "resource_type", "package_name", "original_file_path", "path", "fqn", "tags",
    "depends_on", "source_name", "freshness", "description", "access", "group",
)  # fmt: skip
_CONFIG_KEYS = ("enabled", "materialized", "tags", "severity", "group", "access", "meta")


def rendered() -> str:
    """The manifest of the project as it is now."""
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory() as target:
        arguments = ["--quiet", "parse", "--no-partial-parse", "--target", "local"]
        arguments += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", target]
        os.environ["DBT_LOG_PATH"] = target
        result = dbtRunner().invoke(arguments)
        if not result.success:
            raise SystemExit(f"error: dbt cannot parse the project: {result.exception}")
        manifest = json.loads((Path(target) / "manifest.json").read_text(encoding="utf-8"))
    versions = {key: manifest["metadata"][key] for key in ("dbt_schema_version", "dbt_version", "project_name")}
    slim = {
        "metadata": versions | {"adapter_type": "bigquery"},
        **{kind: {i: _slim(node) for i, node in manifest[kind].items()} for kind in ("nodes", "sources")},
        **{kind: {i: sorted(ids) for i, ids in manifest[kind].items()} for kind in ("parent_map", "child_map")},
    }
    return json.dumps(slim, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _slim(node: dict[str, Any]) -> dict[str, Any]:
    kept = {key: node[key] for key in _NODE_KEYS if key in node}
    config = {key: value for key, value in (node.get("config") or {}).items() if key in _CONFIG_KEYS}
    return kept | {"config": config}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m laptop.manifest", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the committed file is up to date")
    check = parser.parse_args().check
    manifest = rendered()
    if check:
        current = MANIFEST.exists() and MANIFEST.read_text(encoding="utf-8") == manifest
        print("manifest.json is up to date" if current else "manifest.json is out of date → run `make manifest`")
        return 0 if current else 1
    MANIFEST.write_text(manifest, encoding="utf-8")
    print(f"wrote {MANIFEST.relative_to(REPOSITORY)} ({len(manifest):,} bytes)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
