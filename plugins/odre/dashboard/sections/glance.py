"""What powers France on the day that is picked, and whether that is usual."""

from __future__ import annotations

from odre.dashboard.section import Section
from odre.dashboard.vocabulary import Vocabulary


def section(vocabulary: Vocabulary) -> Section:
    """Figures of the day, each against its usual range; its script draws them."""
    del vocabulary  # no chart: figures and ranges are text
    return Section("glance", ())
