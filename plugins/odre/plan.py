"""What a run decides before it does anything: its days, and the names of what it will create."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import computed_field

from odre.contract import Contract
from odre.window import Request, RunKind, Window, resolve_window, run_kind
from odre.xcom import XComModel

# Variables of dbt's environment that name the window. They are no vars of dbt, which reads the whole project again when
# its vars change; of variables of the environment it knows which files use them.
WINDOW_VARIABLES = ("ECO2MIX_WINDOW_START", "ECO2MIX_WINDOW_END")


class RunPlan(XComModel):
    """The plan of one run. The task `window` makes it, and all tasks after it follow it.

    :param kind: why the run covers these days; see `odre.window.run_kind`.
    :param window: local days that the run loads.
    :param batch_table: name of the run's own table in the staging dataset.
    :param object_prefix: beginning of the names of the run's objects in the lake; see `object_name`.
    """

    kind: RunKind
    window: Window
    batch_table: str
    object_prefix: str

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorators above a property
    @property
    def full_refresh(self) -> bool:
        """Whether dbt rebuilds its models from scratch."""
        return self.kind == "full_refresh"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def dbt_environment(self) -> dict[str, str]:
        """First and last day (ISO dates) whose months dbt rebuilds, as variables of its environment. Both are empty
        for a full refresh, which rebuilds everything."""
        bounds = ("", "") if self.full_refresh else (str(self.window.start), str(self.window.end))
        return dict(zip(WINDOW_VARIABLES, bounds, strict=True))

    def object_name(self, attempt: int | str) -> str:
        """Name of the object that an attempt of the extraction creates. Each attempt creates one of its own.

        :param attempt: number of the task's try, the first being 1.
        """
        return f"{self.object_prefix}-{attempt}.parquet"


def plan_run(contract: Contract, request: Request, run_id: str, now: datetime) -> RunPlan:
    """The plan of the run `run_id`.

    :param now: the current moment, with its time zone.
    :raises WindowRefused: the run was asked for days that it cannot load.
    """
    window = resolve_window(contract, request, now.astimezone(ZoneInfo(contract.timezone)).date())
    slug = re.sub(r"[^a-z0-9]+", "-", run_id.lower()).strip("-")
    run_hash = hashlib.sha256(run_id.encode()).hexdigest()[:12]
    return RunPlan(
        kind=run_kind(contract, request),
        window=window,
        batch_table=f"{contract.table}__batch_{run_hash}",
        # the hash tells `manual.a` from `manual-a`, which have the same slug
        object_prefix=f"raw/{contract.table}/{window.start}_{window.end}/{slug}-{run_hash}",
    )
