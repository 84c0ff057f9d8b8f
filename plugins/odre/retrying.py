"""When Airflow tries a failed task again."""

from __future__ import annotations

from airflow.sdk import RetryDecision, RetryPolicy

from odre.errors import ContractError, DataRejected, QuotaExhausted, RequestRefused, SourceLate, WindowRefused
from odre.sql.merge import REFUSED

_HOPELESS = (ContractError, DataRejected, RequestRefused, SourceLate, WindowRefused)


class OdreRetryPolicy(RetryPolicy):
    """What a person must look at fails at once; an exhausted quota waits until it is reset; all else
    follows the task's own retries."""

    def evaluate(self, exception, try_number, max_tries, context=None) -> RetryDecision:
        # a merge that refuses its batch is the warehouse's error
        if isinstance(exception, _HOPELESS) or REFUSED in str(exception):
            return RetryDecision.fail("trying again would give the same answer")
        if isinstance(exception, QuotaExhausted):
            return RetryDecision.retry(exception.delay, f"calls are accepted again at {exception.reset_at}")
        return RetryDecision.default()
