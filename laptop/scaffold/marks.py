"""The marks that `make dataset` leaves where a person has to decide: a comment that begins with `DECIDE:`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WORD = "DECIDE:"
#: Where datasets are described.
FOLDERS = ("include/dbt/models/staging", "dags")


@dataclass(frozen=True)
class Mark:
    """An undecided line.

    :param file: path within the repository.
    :param line: number of the line, from 1.
    :param field: the field to be decided; `<column>.<field>` within a column.
    :param why: the text of the mark.
    """

    file: str
    line: int
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.why}"


def undecided(repository: Path) -> list[Mark]:
    """Every mark in the files that describe datasets, in order of files and lines."""
    files = sorted(file for folder in FOLDERS for file in (repository / folder).rglob("*.*") if file.is_file())
    return [
        mark
        for file in files
        if file.suffix in (".yml", ".sql", ".py")
        for mark in _marks(file.read_text(encoding="utf-8"), str(file.relative_to(repository)))
    ]


def _marks(text: str, file: str) -> Iterator[Mark]:
    column, in_columns = "", False
    for number, line in enumerate(text.splitlines(), 1):
        in_columns = in_columns or line.strip() == "columns:"
        if in_columns and (named := re.match(r"\s*- name: (\w+)", line)):
            column = f"{named[1]}."
        if WORD in line:
            key = re.match(r"\s*(?:- )?(\w+):", line)
            field = f"{column}{key[1]}" if key else "names" if file.endswith(".sql") else "text"
            yield Mark(file, number, field, line.split(WORD, 1)[1].strip())
