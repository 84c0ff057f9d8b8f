"""The sections of the page over days made from a formula, without a browser."""

from __future__ import annotations

import json
from typing import Any

from odre.dashboard.page import context as make_context
from odre.dashboard.vocabulary import read_vocabulary

from tests.node import Node
from tests.page_marts import Rows, marts_of
from tests.pages import VOCABULARY, rows_of


class Pages:
    """The sections over days and answers of the sample, in one language.

    :param ever: all days that the page knows.
    """

    def __init__(self, js: Node, ever: Rows, language: str = "en") -> None:
        self.js, self.ever, self.vocabulary = js, ever, read_vocabulary(language)

    def call(self, section: str, name: str, given: Rows, rows: Rows | None = None, ever: Rows | None = None) -> Any:
        ever = self.ever if ever is None else ever
        self.js("texts.js", "speak", self.vocabulary.language, self.vocabulary.texts)
        marts = {
            mart: [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
            for mart, columns in marts_of(ever, VOCABULARY, rows).items()
        }
        everything = rows_of(self.js, ever)
        period = [given[0]["local_date"], given[-1]["local_date"]] if given else ["2021-01-01", "2021-12-31"]
        context = json.loads(json.dumps(make_context(self.vocabulary), default=str))
        context |= {"all": everything, "marts": marts, "period": period}
        return self.js(f"sections/{section}.js", name, rows_of(self.js, given), context)


def text(nodes: Any) -> str:
    """All text of nodes, with plain spaces."""
    if isinstance(nodes, str):
        return nodes.replace("\u00a0", " ").replace("\u202f", " ")
    if nodes and isinstance(nodes[0], str) and len(nodes) > 1 and isinstance(nodes[1], dict):
        return " ".join(text(node) for node in nodes[2:])
    return " ".join(text(node) for node in nodes)
