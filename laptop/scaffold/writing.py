"""Makes the files of a new dataset. Every value that a person has to confirm is marked on its line."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from odre.contract_columns import Column
from odre.contract_fields import Ingestion

from laptop.contract_reference import comment
from laptop.scaffold.columns import ProposedColumn
from laptop.scaffold.marks import WORD
from laptop.scaffold.proposal import ZONE, Proposal

_WIDTH = 118
_LONGEST_DESCRIPTION = 300
#: Fields of a column that the file explains; the others explain themselves.
_COLUMN_FIELDS = ("data_type", "label", "aliases", "unit", "required", "range", "usual")


def files_of(proposal: Proposal) -> dict[Path, str]:
    """Text of every file of the dataset, by its path within the repository."""
    table = proposal.table
    staging = Path("include") / "dbt" / "models" / "staging" / table
    names = staging_names(proposal)
    values = {
        "p": proposal,
        "names": names,
        "selected": [_selected(column.sql, names[column.name]) for column in proposal.columns],
        "stg_key": [names[name] for name in proposal.key],
        "title": _title(proposal),
        "description": _description(proposal),
        "freshness_filter": _freshness_filter(proposal),
        "loaded_at": proposal.clock.timestamp if proposal.clock else f"timestamp({proposal.day})",
        "required": {*proposal.key, *proposal.order_by, proposal.observed},
        "zone": ZONE,
        "column_fields": _COLUMN_FIELDS,
    }
    return {
        staging / "_sources.yml": _rendered("_sources.yml.j2", values),
        staging / f"stg_{table}.sql": _rendered("staging.sql.j2", values),
        staging / f"_stg_{table}.yml": _rendered("staging.yml.j2", values),
        staging / f"completeness_{table}.sql": _rendered("completeness.sql.j2", values),
        Path("dags") / f"{table}.py": _rendered("dag.py.j2", values),
    }


def staging_names(proposal: Proposal) -> dict[str, str]:
    """Name of every column in the staging model. Day, instant and clock time have the same names in all such models. No
    name appears twice, whatever the case of its letters."""
    roles = {proposal.day: "local_date"}
    if clock := proposal.clock:
        roles |= {clock.timestamp: "started_at", clock.time: "clock_time"}
    names = dict(roles)
    taken = set(roles.values())
    for column in proposal.columns:
        if column.name in roles:
            continue
        name = column.staging_name
        while name.lower() in taken:
            name += "_value"
        taken.add(name.lower())
        names[column.name] = name
    return names


def _selected(expression: str, name: str) -> str:
    return expression if expression.rsplit(".", maxsplit=1)[-1] == name else f"{expression} as {name}"


def _title(proposal: Proposal) -> str:
    return textwrap.shorten(proposal.dataset.title, 40, placeholder="")


def _description(proposal: Proposal) -> str:
    grain = ", ".join(f"`{name}`" for name in proposal.key)
    text = proposal.dataset.description or proposal.dataset.title
    return f"{text.rstrip('.')}. Grain: ({grain})."


def _freshness_filter(proposal: Proposal) -> str:
    observed = f"{proposal.observed} is not null"
    return f"{observed} and {proposal.day} >= date_sub(current_date(), interval 60 day)" if proposal.large else observed


def _rendered(template: str, values: dict[str, object]) -> str:
    # The files to be written contain dbt's own Jinja, so these templates use other brackets.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - YAML, SQL and Python; `quoted` escapes
    )
    environment.globals.update(
        comment=lambda field: comment(Ingestion, field, indent=14, width=_WIDTH),
        column_comment=_column_comment,
        folded=_folded,
        quoted=quoted,
        word=word,
        flow=_flow,
        number=lambda value: f"{value:.15g}",
        mark=_mark,
    )
    return environment.get_template(template).render(values)


def _column_comment(field: str) -> str:
    text = f"{field}: {' '.join((Column.model_fields[field].description or '').split())}"
    return textwrap.fill(text, _WIDTH, initial_indent=" " * 10 + "# - ", subsequent_indent=" " * 10 + "#   ")


def _mark(column: ProposedColumn, field: str) -> str:
    return f"  # {WORD} {column.marks[field]}" if field in column.marks else ""


def _folded(text: str, indent: int) -> str:
    """Text below a YAML `>`."""
    return textwrap.fill(_no_jinja(text), _WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent)


def quoted(text: str) -> str:
    """Text as a YAML scalar in double quotes, in one line."""
    return json.dumps(textwrap.shorten(_no_jinja(text), _LONGEST_DESCRIPTION, placeholder=" …"), ensure_ascii=False)


def _no_jinja(text: str) -> str:
    """Text without anything that dbt would read as Jinja."""
    return re.sub(r"\{(?=[{%#])", "{ ", text)


def word(name: str) -> str:
    """A name as a YAML scalar, in quotes when YAML would read it as something else, such as a number or a boolean."""
    return name if yaml.safe_load(name) == name else json.dumps(name, ensure_ascii=False)


def _flow(values: Iterable[str]) -> str:
    return f"[{', '.join(map(word, values))}]"
