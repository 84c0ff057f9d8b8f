"""Links of the Google operators to the cloud's console, which knows nothing of the emulators' project."""

from __future__ import annotations


def hide_console_links() -> None:
    """Have the operators of this process, and of those forked from it, make no link to the console. Airflow keeps the
    empty text that stands for one and does not show it."""
    from airflow.providers.google.cloud.links.base import BaseGoogleLink

    BaseGoogleLink.get_link = lambda *_, **__: ""  # type: ignore[method-assign]
