"""The base of everything that a contract is made of."""

from __future__ import annotations

from functools import cached_property

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Part of a contract: it refuses fields that it does not know, and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))
