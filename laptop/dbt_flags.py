"""Keeps dbt from looking for the modules that declare an adapter's behavior flags.

For every flag, dbt walks the whole stack to name such a module, for a message that nobody reads here. That takes 0.3 s
per command, and several seconds in a worker of pytest-xdist, whose stack has frames without files.
"""

from __future__ import annotations

from dbt_common.behavior_flags import BehaviorFlagRendered


def install() -> None:
    """Make every flag of this process name dbt itself."""
    BehaviorFlagRendered._default_source = staticmethod(lambda: "dbt")  # type: ignore[method-assign]
