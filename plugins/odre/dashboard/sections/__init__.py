"""The sections of the page, one module each, in the order in which the page shows them."""

from __future__ import annotations

from functools import cache

from odre.dashboard.section import Section
from odre.dashboard.sections import (
    answers,
    day,
    exchanges,
    gas,
    glance,
    kinds_of_days,
    mix,
    peaks_and_forecasts,
    records,
    seasons,
)
from odre.dashboard.vocabulary import Vocabulary

_MODULES = (
    glance,
    day,
    mix,
    answers,
    gas,
    exchanges,
    seasons,
    records,
    peaks_and_forecasts,
    kinds_of_days,
)


@cache
def sections(vocabulary: Vocabulary) -> tuple[Section, ...]:
    """All sections of the page. They are made once per vocabulary, because Altair takes half a second for them."""
    return tuple(module.section(vocabulary) for module in _MODULES)
