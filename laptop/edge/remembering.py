"""A cache for work that bqemulator 1.4.0 repeats for the same statement.

The emulator parses a statement some twenty-five times before it runs it, because each of its rewriters and classifiers
parses the text for itself, and most of them change nothing. Copying a syntax tree takes a tenth of the time of parsing,
so the trees of the last statements are kept and copies are handed out. Functions that do not change a tree get the tree
itself. Translations are kept too, because DAGs that share marts send the same statements. A translation depends only on
the text, on the types of the columns that it reads and on the caller.

sqlglot itself copies every subquery while it looks for implicit unnests. Most of that time went into `copy.deepcopy` of
the notes on its nodes (line and column of an identifier), which are plain values and need no deep copy.
"""

from __future__ import annotations

import copy
import functools
import importlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from sqlglot import Expr
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.dialects.dialect import Dialect
from sqlglot.expressions import core

# Characters of SQL whose trees are kept, and characters of SQL whose translations are kept. A tree takes about eighty
# times the memory of its text.
_TREES, _TRANSLATIONS = 1_000_000, 20_000_000
#: Functions of bqemulator, by the module that calls them, that parse a statement and do not change the tree.
READERS = {
    "bqemulator.catalog.ddl_sync": (
        "_detect_catalog_drop", "_detect_create_schema", "_detect_plain_create_table", "_detect_plain_create_view",
        "_extract_ddl_metadata",
    ),
    "bqemulator.jobs.ddl_result": ("_parse_statement",),
    "bqemulator.jobs.executor": ("_parse_for_classification", "_reject_dml_on_immutable", "detect_drop_routine"),
    "bqemulator.scripting.interpreter": ("_dml_targets", "_is_row_producing"),
    "bqemulator.sql.inner_query": ("build_catalog_schema",),
}  # fmt: skip
#: Modules that rewrite the names of tables, a step after the translation.
_REWRITING = ("bqemulator.jobs.executor", "bqemulator.scripting.interpreter")


_parse = Dialect.parse
_reading = threading.local()


def install() -> None:
    """Make sqlglot's parser and bqemulator's translator keep their results. To be called once per process."""
    from bqemulator.sql import table_rewriter
    from bqemulator.sql.translator import SQLTranslator

    core.deepcopy = _deepcopy
    Dialect.parse = _copies
    SQLTranslator.translate = _remembering_translations(SQLTranslator.translate)
    for name, functions in READERS.items():
        module = importlib.import_module(name)
        for function in functions:
            setattr(module, function, _with_shared_trees(getattr(module, function)))
    rewrite = _remembering_texts(table_rewriter.rewrite_table_refs)
    for name in _REWRITING:
        importlib.import_module(name).rewrite_table_refs = rewrite  # type: ignore[attr-defined]


class Memory:
    """The results of the last calls, by the values they depend on. Several threads may use it.

    :param characters: how much text is kept at most.
    """

    def __init__(self, characters: int) -> None:
        self._room, self._lock = characters, threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()

    def recall(self, key: Hashable) -> Any:
        """The result kept under `key`; `None` when there is none, or when it was dropped."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][1]

    def keep(self, key: Hashable, result: Any, characters: int) -> None:
        """Keep a result. When there is no room, drop the results that have not been used for longest."""
        with self._lock:
            self._room += self._kept.pop(key, (0, None))[0] - characters
            self._kept[key] = (characters, result)
            while self._room < 0:
                _, (freed, _) = self._kept.popitem(last=False)
                self._room += freed


def _deepcopy(value: Any, memo: Any = None) -> Any:
    """`copy.deepcopy` for what sqlglot's nodes hold: nodes, notes on them and comments."""
    if type(value) is dict:
        return value.copy()  # notes are plain values
    if type(value) is list and all(type(item) is str for item in value):
        return value[:]
    return value.__deepcopy__(memo) if isinstance(value, core.Expr) else copy.deepcopy(value)


_memory = Memory(_TREES)


def shared_trees(sql: str) -> list[Expr | None]:
    """The syntax trees of the statements of `sql`, which is GoogleSQL. They are not copied, so nobody may change them.

    :raises sqlglot.errors.SqlglotError: `sql` cannot be read.
    """
    return _trees(BigQuery(), sql)


def _trees(dialect: Dialect, sql: str) -> list[Any]:
    key = (type(dialect), sql)
    trees: list[Any] | None = _memory.recall(key)
    if trees is None:
        trees = _parse(dialect, sql)
        _memory.keep(key, trees, len(sql))
    return trees


def _copies(dialect: Dialect, sql: str, **options: Any) -> list[Any]:
    if dialect.settings or any(value is not None for value in options.values()):
        found: list[Any] = _parse(dialect, sql, **options)
        return found
    trees = _trees(dialect, sql)
    return list(trees) if getattr(_reading, "now", False) else [tree and tree.copy() for tree in trees]


def _with_shared_trees(reader: Callable[..., Any]) -> Callable[..., Any]:
    """`reader`, which then gets the kept trees instead of copies. It must not be a generator or a coroutine, because
    the thread would run other code, which may change trees, before the reader ends."""

    @functools.wraps(reader)
    def reading(*arguments: Any, **options: Any) -> Any:
        _reading.now = True
        try:
            return reader(*arguments, **options)
        finally:
            _reading.now = False

    return reading


def _remembering_texts(rewrite: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """`rewrite` with its results kept. They depend on its two arguments only."""
    memory = Memory(_TRANSLATIONS)

    def remembering(sql: str, project_id: str) -> str:
        key = (sql, project_id)
        text: str | None = memory.recall(key)
        if text is None:
            text = rewrite(sql, project_id)
            memory.keep(key, text, len(sql) + len(text))
        return text

    return remembering


def _remembering_translations(translate: Callable[..., Any]) -> Callable[..., Any]:
    memory = Memory(_TRANSLATIONS)

    def remembering(translator: Any, bq_sql: str, *, schema: Any = None, caller: Any = None) -> Any:
        key = (bq_sql, repr(schema), repr(caller))
        result = memory.recall(key)
        if result is None:
            result = translate(translator, bq_sql, schema=schema, caller=caller)
            memory.keep(key, result, len(bq_sql))
        return result

    return remembering
