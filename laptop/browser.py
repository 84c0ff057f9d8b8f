"""The real browser of this machine, for the tests and the benchmark that look at the page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from laptop.service import StackError

if TYPE_CHECKING:
    from playwright.sync_api import Page

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# These switch off Chromium's background requests, which a closed network refuses one by one.
_QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


def chromium() -> str | None:
    """Path of Chromium; `None` when this machine has none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextmanager
def opened(**options: Any) -> Iterator[Page]:
    """A page in a fresh headless Chromium.

    :param options: those of Playwright's `new_page`.
    :raises StackError: there is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    binary = chromium()
    if binary is None:
        raise StackError("no Chromium on this machine → install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox", *_QUIET])
        try:
            page = browser.new_page(**({"viewport": {"width": 1280, "height": 900}} | options))
            page.set_default_timeout(120_000)  # milliseconds; long, because other programs share the machine
            yield page
        finally:
            browser.close()
