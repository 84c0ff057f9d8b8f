"""The fields of a contract, explained: docs/contract.md, and comments for generated contracts (`comment`).

`python -m laptop.contract_reference` writes docs/contract.md from the descriptions in `odre.contract_fields`.
"""

from __future__ import annotations

import json
import textwrap
from typing import Any

from odre.contract_columns import Column, Entities, Entity
from odre.contract_fields import Clock, Decision, Ingestion, Maturity, Partitioning, Sweep
from odre.contract_measures import MeasureFields
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from laptop.environment import REPOSITORY

DOC = REPOSITORY / "docs" / "contract.md"
# The models in the order of the document, each with where its fields stand in `_sources.yml`.
SECTIONS: tuple[tuple[type[BaseModel], str], ...] = (
    (Ingestion, "config.meta.odre"),
    (Clock, "config.meta.odre.clock"),
    (Entities, "config.meta.odre.entities"),
    (Entity, "config.meta.odre.entities.members"),
    (Partitioning, "config.meta.odre.partition_by"),
    (Maturity, "config.meta.odre.maturity"),
    (Sweep, "config.meta.odre.sweep"),
    (Decision, "config.meta.odre.decisions"),
    (Column, "columns"),
    (MeasureFields, "columns.config.meta.measure"),
)
_HEAD = """\
# The contract of a dataset

`include/dbt/models/staging/<table>/_sources.yml` is the only description of a dataset: what the API is asked for, what
an answer must be, how it is loaded. It is a dbt source file with a few keys of ours under `config.meta`. dbt's own
`loaded_at_field` and `freshness` say how late the source may be; the task `source_freshness` reads them. The DAG of a
contract that is not valid cannot be imported, and the message names the field.

This page is generated from the descriptions in `plugins/odre/contract_fields.py`, `contract_columns.py` and
`contract_measures.py` by `PYTHONPATH=.:plugins .venv/bin/python -m laptop.contract_reference`.
"""


def comment(model: type[BaseModel], field: str, indent: int = 0, width: int = 110) -> str:
    """The explanation of one field as YAML comment lines, to be printed above the field.

    :param model: model of `odre.contract_fields` that has the field.
    :param indent: spaces before each `#`.
    :param width: longest line.
    :raises KeyError: the model has no such field.
    """
    prefix = " " * indent + "# "
    text = f"{_description(model.model_fields[field])} Example: {example(model.model_fields[field])}"
    return textwrap.fill(text, width, initial_indent=prefix, subsequent_indent=prefix, break_on_hyphens=False)


def example(info: FieldInfo) -> str:
    """The field's example as YAML in one line."""
    return _flow((info.examples or [""])[0])


def reference() -> str:
    """The text of docs/contract.md."""
    parts = [_HEAD]
    for model, place in SECTIONS:
        parts.append(f"## `{place}`\n\n{_prose(model)}\n")
        parts.append("| field | meaning | if left out | example |\n|---|---|---|---|")
        for name, info in model.model_fields.items():
            left_out = "must be given" if info.is_required() else _default(info)
            parts.append(f"| `{name}` | {_description(info)} | {left_out} | `{example(info)}` |")
        parts.append("")
    return "\n".join(parts)


def _description(info: FieldInfo) -> str:
    return " ".join((info.description or "").split())


def _prose(model: type[BaseModel]) -> str:
    return "\n\n".join(" ".join(part.split()) for part in (model.__doc__ or "").split("\n\n"))


def _default(info: FieldInfo) -> str:
    return "none" if info.default in (None, ()) else f"`{_flow(info.default)}`"


def _flow(value: Any) -> str:
    """`value` as YAML's flow style, quoted only where YAML needs it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, str) and not any(mark in value for mark in "*:,#{}[]"):
        return value
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    DOC.write_text(reference(), encoding="utf-8")
    print(f"wrote {DOC.relative_to(REPOSITORY)}")
