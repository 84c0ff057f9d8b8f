"""The outcome that every fault of the replica must have. `test_matrix.py` runs each case, docs/faults.md shows them."""

from __future__ import annotations

from dataclasses import dataclass

ASKED = 2


@dataclass(frozen=True)
class Case:
    """The outcome that a fault must have.

    :param fault: kind of `laptop.replica.faults`, or a fault of the network.
    :param says: part of the error; `None` when the run succeeds.
    :param asked: requests for the export within one task.
    :param airflow: what Airflow does with the failed task: `RETRY` it later, or `FAIL` it immediately.
    :param merge: the refusal comes from the MERGE, not from the extract.
    :param changes: the run succeeds and the values that came differ from those before.
    :param aside: the days with the fault keep their older rows, for a reason that `says` matches, and all others are
        loaded; where every day has the fault, the answer is refused.
    """

    fault: str
    says: str | None = None
    asked: int = 1
    airflow: str = "FAIL"
    merge: bool = False
    changes: bool = False
    aside: bool = False


LATER = {"asked": ASKED, "airflow": "RETRY"}
CASES = [
    Case("connection_refused", "no whole answer in 2 requests", 0, "RETRY"),
    Case("dns_failure", "no whole answer in 2 requests", 0, "RETRY"),
    Case("read_timeout", "no whole answer in 2 requests", **LATER),
    Case("http_500", "HTTP 500", **LATER),
    Case("http_502", "HTTP 502", **LATER),
    Case("http_503", "HTTP 503", **LATER),
    Case("quota_retry_after", "HTTP 429, too many requests", **LATER),
    Case("quota_reset_time", "HTTP 429, too many requests", **LATER),
    Case("rate_limit_retry_after", "HTTP 429, too many requests", **LATER),
    Case("http_400", "HTTP 400"),
    Case("cut_off_body", "the export is cut off or damaged", airflow="RETRY"),
    Case("wrong_length", "no whole answer in 2 requests", **LATER),
    Case("interrupted_stream", "the export broke off", **LATER),
    Case("html_page", "not a data file but '<!doctype html>", airflow="RETRY"),
    Case("error_object", "not a data file but '{", airflow="RETRY"),
    Case("garbage", "not a data file but", airflow="RETRY"),
    Case("fewer_rows", "the API counts [0-9]+ rows .* and exports [0-9]+", asked=3, airflow="RETRY"),
    Case("empty", "the source has no row for", merge=True),
    Case("missing_key", "column"),
    Case("missing_measure", "column"),
    Case("renamed_column", "column"),
    Case("text_in_number", "expected a (finite )?number, got 'panne'", aside=True),
    Case("duplicates_conflicting", "two rows share this key and differ in", aside=True),
    Case("outside_window", "outside the window"),
    Case("day_first_dates", "expected a date written YYYY-MM-DD, got '20/11/2023'"),
    Case("absurd_value", "expected a value between", aside=True),
    Case("null_measure", "null on all|would lose all observed values", aside=True),
    Case("mojibake", "readable UTF-8 text", aside=True),
    Case("new_column"),
    Case("number_as_text"),
    Case("duplicates_equal"),
    Case("unsorted"),
    Case("slow_drip"),
    Case("nd", changes=True),
    Case("dash", changes=True),
    Case("blank", changes=True),
]
