"""Opens pages in the real browser of this machine, for the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from laptop.browser import chromium, opened


@contextmanager
def open_page(**options) -> Iterator:
    """A page in a fresh headless Chromium; skips the test where there is none."""
    if chromium() is None:
        pytest.skip("no Chromium on this machine → install Debian's package chromium")
    with opened(**options) as page:
        yield page
