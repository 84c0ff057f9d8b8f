"""Reads the description of a dataset from the API's catalogue, and a sample of its rows."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests

_ROOT = "/api/explore/v2.1/catalog/datasets"
_TIMEOUT = (10, 120)
_PAGE = 100
#: Rows of the sample: enough for four days of 12 regions × quarter-hours, and for ten years of days.
NEWEST, OLDEST = 5_000, 100

Row = dict[str, Any]


class Refused(Exception):
    """The dataset cannot be added; the message gives in one line the reason and what to do."""


@dataclass(frozen=True)
class SourceField:
    """One field as the catalogue describes it: technical name, label, Explore type, description or nothing."""

    name: str
    label: str
    type: str
    description: str

    @property
    def unit(self) -> str | None:
        """The unit that ends the label in brackets: `Solaire (MW)` has `MW`."""
        found = re.search(r"\(([^()]*)\)\s*$", self.label)
        return found[1].strip() or None if found else None


@dataclass(frozen=True)
class SourceDataset:
    """The catalogue's description of a dataset; `description` is plain text."""

    id: str
    title: str
    description: str
    publisher: str
    license: str
    fields: tuple[SourceField, ...]


@dataclass(frozen=True)
class Sample:
    """Rows of a dataset, each part in ascending order of `order_column`.

    :param order_column: the `date` or `datetime` field that places rows in time.
    :param count: rows of the whole dataset.
    """

    order_column: str
    count: int
    oldest: list[Row]
    newest: list[Row]

    @property
    def rows(self) -> list[Row]:
        return self.oldest + self.newest


class Api:
    """The Explore API at `base`.

    Its methods raise :class:`Refused` when the API does not answer, or does not answer JSON.
    """

    def __init__(self, base: str) -> None:
        self.base = base

    def describe(self, dataset_id: str) -> SourceDataset:
        """The catalogue's description of a dataset.

        :raises Refused: the API does not know the dataset; the message names similar ids.
        """
        answer = self._get(f"/{dataset_id}")
        if answer is None:
            close = difflib.get_close_matches(dataset_id, self._ids(), n=3, cutoff=0.6)
            hint = f"did you mean {' or '.join(close)}?" if close else f"look for its id on {self.base}"
            local = "; ODRE_API=live asks the public API" if "//127.0.0.1" in self.base else ""
            raise Refused(f"{dataset_id}: {self.base} does not know this dataset → {hint}{local}")
        try:
            metas = (answer.get("metas") or {}).get("default") or {}
            fields = (
                SourceField(f["name"], f.get("label") or f["name"], f["type"], plain(f.get("description") or ""))
                for f in answer.get("fields") or ()
            )
            return SourceDataset(
                id=dataset_id,
                title=plain(metas.get("title") or "") or dataset_id,
                description=plain(metas.get("description") or ""),
                publisher=plain(metas.get("publisher") or ""),
                license=plain(metas.get("license") or ""),
                fields=tuple(fields),
            )
        except (AttributeError, KeyError, TypeError):
            raise Refused(f"{dataset_id}: the answer of {self.base} describes no dataset → check ODRE_API") from None

    def sample(self, dataset: SourceDataset) -> Sample:
        """The newest rows of a dataset, and some of its oldest ones.

        :raises Refused: the dataset has no field that places rows in time, or no rows.
        """
        named = {field.name for field in dataset.fields if field.type in ("date", "datetime")}
        if not named:
            raise Refused(
                f"{dataset.id}: its rows have no day: no field is of type date or datetime "
                f"({', '.join(f'{f.name} {f.type}' for f in dataset.fields)}) → the pipeline loads days; choose another"
            )
        page = self._get(f"/{dataset.id}/records", limit=_PAGE) or {}
        if not isinstance(page, dict) or not page.get("results") or "total_count" not in page:
            raise Refused(f"{dataset.id}: it has no rows to propose anything from → try again when it has rows")

        def places(name: str) -> tuple[int, int]:
            values = [row[name] for row in page["results"] if row.get(name) is not None]
            return len(values), len(set(values))

        order = max((f.name for f in dataset.fields if f.name in named), key=places)
        known = f"{order} is not null"
        newest = self._rows(dataset.id, where=known, order_by=f"{order} desc", limit=NEWEST)
        oldest = self._rows(dataset.id, where=known, order_by=order, limit=OLDEST)
        return Sample(order, page["total_count"], oldest, newest[::-1])

    def _rows(self, dataset_id: str, **options: object) -> list[Row]:
        rows = self._get(f"/{dataset_id}/exports/json", **options)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Refused(f"{dataset_id}: {self.base} does not export its rows → try again later")
        return rows

    def _ids(self) -> Iterator[str]:
        offset, total = 0, 1
        while offset < total:
            page = self._get("", limit=_PAGE, offset=offset) or {}
            total = page.get("total_count", 0)
            offset += _PAGE
            yield from (answer["dataset_id"] for answer in page.get("results", ()))

    def _get(self, path: str, **options: object) -> Any:
        """The JSON that the API answers; `None` when the API answers 404."""
        url = self.base + _ROOT + path
        try:
            answer = requests.get(url, params={k: str(v) for k, v in options.items()}, timeout=_TIMEOUT)
            if answer.status_code == requests.codes.not_found:
                return None
            answer.raise_for_status()
            return answer.json()
        except requests.HTTPError as error:
            body = " ".join(error.response.text.split())[:120]
            raise Refused(f"{url}: HTTP {error.response.status_code} ({body}) → try again later") from None
        except requests.JSONDecodeError:
            raise Refused(f"{url}: the answer is no JSON → check ODRE_API, or try again later") from None
        except requests.RequestException as error:
            cause = type(error).__name__
            raise Refused(f"{url}: the API does not answer ({cause}) → check ODRE_API and the network") from None


def plain(text: str) -> str:
    """Text without HTML, in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
