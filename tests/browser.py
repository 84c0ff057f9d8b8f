"""The real browser of this machine, for the tests that look at pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

# These switch off Chromium's background requests, which a closed network refuses one by one.
_QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


@contextmanager
def open_page(**options) -> Iterator:
    """A page in a fresh headless Chromium; skips the test where there is none."""
    binary = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if binary is None:
        pytest.skip("no Chromium on this machine → install Debian's package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", *_QUIET])
        try:
            page = browser.new_page(**({"viewport": {"width": 1280, "height": 900}} | options))
            page.set_default_timeout(120_000)  # other tests share the machine
            yield page
        finally:
            browser.close()
