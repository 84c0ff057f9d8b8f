"""A stack that the pipeline reaches through a proxy, which sees every request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from laptop.edge.proxy import Proxy
from laptop.environment import pipeline_environment
from laptop.stack import Stack
from tests.stacks import emptied


@contextmanager
def proxied(shared_stack: Stack) -> Iterator[tuple[Stack, Proxy]]:
    """The shared stack, emptied, and its proxy, which this process's environment names."""
    with (
        emptied(shared_stack) as stack,
        pytest.MonkeyPatch.context() as patch,
        Proxy(stack.endpoints) as proxy,
    ):
        for name, value in pipeline_environment(stack.state, proxy.endpoints).items():
            if name != "AIRFLOW_HOME":
                patch.setenv(name, value)
        yield stack, proxy
