"""Hides the links of the Google operators to the Google Cloud console, where the emulators' project does not exist."""

from __future__ import annotations


def hide_console_links() -> None:
    """Make the links to the console empty in this process and in processes forked from it. Airflow does not show empty
    links."""
    from airflow.providers.google.cloud.links.base import BaseGoogleLink

    BaseGoogleLink.get_link = lambda *_, **__: ""  # type: ignore[method-assign]
