"""What went wrong, in one line that names the dataset, the cause and the next step."""

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
    """A contract file says something that does not make sense."""


class WindowRefused(OdreError):
    """The requested window cannot be: nothing was read or written."""


class SourceUnavailable(OdreError):
    """The API did not give a whole, well-formed answer; the same request may work later."""


class CountsDiffer(SourceUnavailable):
    """The API counts other rows than it exports: it is being republished, or the export is short."""


class StorageUnavailable(OdreError):
    """The worker's disk or the lake did not take the data; the same run may work later."""


class QuotaExhausted(SourceUnavailable):
    """The API refuses further calls until `reset_at` (HTTP 429)."""

    def __init__(self, dataset: str, cause: str, fix: str, reset_at: datetime) -> None:
        super().__init__(dataset, cause, fix)
        self.reset_at = reset_at

    @property
    def delay(self) -> timedelta:
        """Time left until calls are accepted again; never negative."""
        return max(self.reset_at - datetime.now(timezone.utc), timedelta(0))


class RequestRefused(OdreError):
    """The API refuses the request itself (4xx); asking again changes nothing."""


class DataRejected(OdreError):
    """The data break the contract; nothing of them was loaded, what was served stays served."""


class SourceLate(OdreError):
    """The newest data of the source are older than its contract's `freshness` allows."""
