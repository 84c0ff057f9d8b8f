"""How much of an answer a finding concerns."""

from __future__ import annotations

from typing import Literal

# `answer`: the whole answer is refused; `day`: the day of the row is set aside; `row`: only the row is.
FindingScope = Literal["answer", "day", "row"]
Scope = Literal["day", "row"]
