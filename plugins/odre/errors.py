"""The errors of this package. Each is one line that names the dataset, the cause and the next step."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


class OdreError(Exception):
    """Base of all errors of this package.

    :param dataset: ODRÉ dataset id or table name the error is about.
    :param cause: what was expected and what came.
    :param fix: what to do next.
    """

    def __init__(self, dataset: str, cause: str, fix: str) -> None:
        super().__init__(f"{dataset}: {cause} → {fix}")
        self.dataset, self.cause, self.fix = dataset, cause, fix


class ContractError(OdreError):
    """A contract file is not valid."""


class WindowRefused(OdreError):
    """The run was asked for days that it cannot load. Nothing was read or written."""


class SourceUnavailable(OdreError):
    """The API gave no answer that is whole and well-formed. The same request may work later."""


class CountsDiffer(SourceUnavailable):
    """The API exports more or fewer rows than it counts: the dataset is being republished, or rows were lost."""


class StorageUnavailable(OdreError):
    """The data could not be stored on the worker's disk or in the lake. The same run may work later."""


class QuotaExhausted(SourceUnavailable):
    """The API refuses further calls until `reset_at` (HTTP 429).

    :param reset_at: when calls are accepted again, with its time zone.
    """

    def __init__(self, dataset: str, cause: str, fix: str, reset_at: datetime) -> None:
        super().__init__(dataset, cause, fix)
        self.reset_at = reset_at

    @property
    def delay(self) -> timedelta:
        """Time left until calls are accepted again; zero when that moment has passed."""
        return max(self.reset_at - datetime.now(timezone.utc), timedelta(0))


class RequestRefused(OdreError):
    """The API refuses the request itself (HTTP 4xx). Asking again gives the same answer."""


class DatasetMissing(RequestRefused):
    """The API has no such dataset (HTTP 404)."""


class DataRejected(OdreError):
    """The data break the contract. None of them were loaded, and the tables stay as they were."""


class ObjectChanged(OdreError):
    """The object in the lake is not the one that the run has extracted. Nothing was loaded."""


class ResultMissing(OdreError):
    """A task finds no result of an earlier task of its run, or results of two tasks that do not belong together."""


class ClearedAlone(OdreError):
    """A task was run again without those that follow it, so that the source's answer would not reach the tables."""


class RunIncomplete(OdreError):
    """A task of the run has not succeeded, or the run was stopped, so that not all of its tables are made."""


class DaysSetAside(OdreError):
    """The run has loaded its window, except for days or rows that break the contract or would have lost data."""


class SourceLate(OdreError):
    """The newest data of the source are older than its contract's `freshness` allows."""
