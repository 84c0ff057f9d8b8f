"""Which days of a dataset a run can be asked for, as the trigger form of its DAG tells them to the web server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from odre.contract import Contract
from odre.errors import WindowRefused
from odre.window import Request, asked_window

# A keyword of the JSON schema of the field `start_date`. JSON schema ignores keywords that it does not know.
_KEYWORD = "loadable"


@dataclass(frozen=True)
class Loadable:
    """Which days of a dataset can be loaded. It is part of the form, because a web server does not have the contracts.

    :param dataset_id: the dataset's id on ODRÉ.
    :param start_date: first local day that the dataset can hold.
    :param timezone: IANA name of the local time zone, in which today is the last day.
    """

    dataset_id: str
    start_date: date
    timezone: str

    def refusal(self, conf: Mapping[str, Any], now: datetime) -> str | None:
        """Why the first task of a run with these parameters would fail, in a sentence; `None` when it would not.

        :param conf: parameters of the run by name. Values of other types than the form gives are left to Airflow's own
            check.
        :param now: the current moment, with its time zone.
        """
        first, last = conf.get("start_date"), conf.get("end_date")
        if not isinstance(first, str | None) or not isinstance(last, str | None):
            return None
        request = Request(None, now, first, last, full_refresh=conf.get("full_refresh") is True)
        try:
            asked_window(self, request, now.astimezone(ZoneInfo(self.timezone)).date())
        except WindowRefused as refusal:
            return str(refusal)
        return None


def for_the_form(contract: Contract) -> dict[str, Any]:
    """What the schema of the form's field `start_date` says of the days that can be loaded; `loadable_in` reads it."""
    loadable = Loadable(contract.dataset_id, contract.start_date, contract.timezone)
    return {_KEYWORD: asdict(loadable) | {"start_date": str(loadable.start_date)}}


def loadable_in(details: Mapping[str, Any]) -> Loadable | None:
    """The days that can be loaded, from the details of a DAG as Airflow's REST API answers them; `None` for a DAG that
    is not one of ours."""
    field = (details.get("params") or {}).get("start_date") or {}
    found = (field.get("schema") or {}).get(_KEYWORD)
    return Loadable(**found | {"start_date": date.fromisoformat(found["start_date"])}) if found else None
