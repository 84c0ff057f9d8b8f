"""Compiles dbt's macros once, for all processes that are forked from this one.

dbt compiles the Jinja template of a macro when a command first calls it, and keeps it until the process ends. Under a
scheduler every task is a process of its own, and compiling the same macros again took a fifth of its processor time.
"""

from __future__ import annotations

from dbt.adapters.factory import FACTORY
from dbt_common.clients._jinja_blocks import BlockTag
from dbt_common.clients.jinja import extract_toplevel_blocks, get_template, template_cache
from odre.settings import dbt_project_dir

_BLOCKS = {"macro", "materialization", "test", "data_test"}


def compile_macros() -> None:
    """Compile the macros of dbt, of its BigQuery adapter and of this project into dbt's own cache, whose key is the
    text of a macro."""
    FACTORY.load_plugin("bigquery")
    for package in (*FACTORY.get_include_paths("bigquery"), dbt_project_dir()):
        for file in sorted([*(package / "macros").rglob("*.sql"), *(package / "tests" / "generic").rglob("*.sql")]):
            text = file.read_text(encoding="utf-8").strip()  # as dbt reads it
            for block in extract_toplevel_blocks(text, allowed_blocks=_BLOCKS, collect_raw_data=False):
                if isinstance(block, BlockTag) and block.full_block:
                    template_cache.file_cache[block.full_block] = get_template(block.full_block, ctx={})
