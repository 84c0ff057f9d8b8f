"""The number of examples with which a property is tested."""

from __future__ import annotations

import hypothesis

#: Hypothesis's profile of `make check`.
QUICK = "quick"


def examples(many: int) -> int:
    """So many; a fifth of them in `make check`, which should be quick."""
    return max(4, many // 5) if hypothesis.settings.get_current_profile_name() == QUICK else many
