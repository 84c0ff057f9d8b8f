"""A stack that the pipeline reaches through a proxy, which sees every request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from laptop.edge.proxy import Proxy
from laptop.environment import pipeline_environment
from laptop.stack import Stack


@contextmanager
def proxied(folder: Path) -> Iterator[tuple[Stack, Proxy]]:
    """A stack with the sample from November 2023 on, and its proxy, which this process's environment names."""
    options = ("--start", "2023-11-01", "--real-time-start", "2023-11-01")
    with (
        pytest.MonkeyPatch.context() as patch,
        Stack(state=folder / "stack", usual_ports=False, replica_options=options) as stack,
        Proxy(stack.endpoints) as proxy,
    ):
        for name, value in pipeline_environment(stack.state, proxy.endpoints).items():
            if name != "AIRFLOW_HOME":
                patch.setenv(name, value)
        yield stack, proxy
