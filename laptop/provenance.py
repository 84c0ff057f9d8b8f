"""Finds out whether the local warehouse holds the synthetic sample or real data, so that the two are never mixed.

The ledger of loads (`odre.ledger`) records which of the two each load was. This module uses the standard library only,
because every command that starts the stack imports it.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from laptop.environment import DATASETS, PROJECT_ID
from laptop.service import StackError

_LEDGER = f"{PROJECT_ID}.{DATASETS['STAGING']}.load_ledger"
_KINDS = {True: "the synthetic sample", False: "real data"}


def held(warehouse: str) -> dict[bool, list[str]]:
    """Landing tables that loads have filled, grouped by whether the source called its rows synthetic.

    :param warehouse: base URL of the BigQuery emulator.
    :raises OSError: the emulator does not answer.
    """
    sql = f"select is_synthetic, table_name from `{_LEDGER}` where asked_at is not null group by 1, 2 order by 1, 2"
    found: dict[bool, list[str]] = {}
    for row in _rows(warehouse, sql):
        synthetic, table = (cell["v"] for cell in row["f"])
        found.setdefault(str(synthetic).lower() == "true", []).append(str(table))
    return found


def refuse_mixing(warehouse: str, api: str, external: bool) -> None:
    """Refuse to serve the sample to a warehouse of real data, or the other way round.

    :param api: base URL of the API that the pipeline will ask.
    :param external: whether somebody else runs the API. Such an API may be unreachable; then nothing is refused.
    :raises StackError: the warehouse holds the other kind of data.
    """
    standing = held(warehouse)
    if not standing:
        return
    served = _is_synthetic(api, standing, external)
    if served is None or set(standing) == {served}:
        return
    tables = ", ".join(standing.get(not served, []))
    raise StackError(
        f"the warehouse holds {_KINDS[not served]} ({tables}), and this command would mix {_KINDS[served]} into it "
        f"→ run `make reset`, which deletes what is there, and then this command again; or serve {_KINDS[not served]}"
    )


def _is_synthetic(api: str, standing: dict[bool, list[str]], external: bool) -> bool | None:
    """Whether the API calls its rows synthetic; `None` when an external API does not answer."""
    from odre.contract import load_contract

    dataset = load_contract(next(iter(standing.values()))[0]).dataset_id
    try:
        with urllib.request.urlopen(f"{api}/api/explore/v2.1/catalog/datasets/{dataset}", timeout=10) as answer:
            about = json.load(answer)
    except (OSError, ValueError):
        if external:
            return None
        raise
    return "synthetic" in ((about.get("metas") or {}).get("default") or {}).get("keyword", [])


def _rows(warehouse: str, sql: str) -> list[dict[str, Any]]:
    body = json.dumps({"query": sql, "useLegacySql": False}).encode()
    url = f"{warehouse}/bigquery/v2/projects/{PROJECT_ID}/queries"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            rows: list[dict[str, Any]] = json.load(answer).get("rows") or []
    except urllib.error.HTTPError as error:
        if error.code == 404:  # nothing has been loaded yet
            return []
        raise
    return rows
