"""The stack that tests share: emptied for every module, or every test, that uses it.

Its emulator translates the statements of the models once, and not once per module.
"""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from laptop.containers import create_containers
from laptop.environment import DATASETS
from laptop.stack import Stack
from laptop.warehouse import Warehouse

#: The replica serves four months of the synthetic sample, two of them consolidated.
SAMPLE = ("--start", "2023-11-01", "--real-time-start", "2023-11-01")


@contextmanager
def emptied(stack: Stack) -> Iterator[Stack]:
    """The stack without tables, objects and faults of the API. The environment names it, but for Airflow's home, which
    is that of the run of the tests."""
    client = Warehouse(stack.environment).client
    for dataset in DATASETS.values():
        client.delete_dataset(dataset, delete_contents=True)
    for found in stack.lake_folder.glob("*/*"):
        shutil.rmtree(found) if found.is_dir() else found.unlink()
    create_containers(stack.endpoints.lake, stack.endpoints.warehouse)
    for record in ("_faults", "_requests"):
        urllib.request.urlopen(urllib.request.Request(f"{stack.endpoints.api}/{record}", method="DELETE")).close()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in stack.environment.items():
            if name != "AIRFLOW_HOME":
                patch.setenv(name, value)
        yield stack
