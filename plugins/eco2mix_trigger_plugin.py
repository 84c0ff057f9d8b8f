"""Makes the API server refuse triggers whose days cannot be loaded (`odre.trigger`).

Every process of Airflow loads this file, each task included, but only the API server uses the check. The check is
therefore imported when the API server starts.
"""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin


def trigger_check(app: Any) -> Any:
    """Wrap `app` in `odre.trigger.TriggerCheck`, imported when the API server starts."""
    from odre.trigger import TriggerCheck

    return TriggerCheck(app)


class Eco2mixTriggerPlugin(AirflowPlugin):
    """Registers the check."""

    name = "eco2mix_trigger"
    fastapi_root_middlewares = [{"name": "days of a trigger", "middleware": trigger_check}]  # noqa: RUF012 - Airflow declares it as an instance's variable
