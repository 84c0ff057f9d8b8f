"""When Airflow tries a failed task again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import RetryDecision, RetryPolicy

from odre.errors import (
    ClearedAlone,
    ContractError,
    DataRejected,
    DaysSetAside,
    ObjectChanged,
    QuotaExhausted,
    RequestRefused,
    ResultMissing,
    RunIncomplete,
    SourceLate,
    WindowRefused,
)
from odre.sql.merge import REFUSED

if TYPE_CHECKING:
    from airflow.sdk import Context

_HOPELESS = (
    ClearedAlone,
    ContractError,
    DataRejected,
    DaysSetAside,
    ObjectChanged,
    RequestRefused,
    ResultMissing,
    RunIncomplete,
    SourceLate,
    WindowRefused,
)


class OdreRetryPolicy(RetryPolicy):
    """Errors that a retry cannot mend fail immediately. An exhausted quota is waited for until it is reset. All other
    errors use the task's own retries."""

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        # When the MERGE refuses its batch, the error is the warehouse's, and only its text tells that it is a refusal.
        if isinstance(exception, _HOPELESS) or REFUSED in str(exception):
            return RetryDecision.fail("trying again would give the same answer")
        if isinstance(exception, QuotaExhausted):
            return RetryDecision.retry(exception.delay, f"calls are accepted again at {exception.reset_at}")
        return RetryDecision.default()
