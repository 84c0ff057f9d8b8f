"""The operator that replaces the window of a landing table with the run's batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from airflow.providers.google.cloud.operators.bigquery import BigQueryInsertJobOperator

from odre.contract import Contract
from odre.errors import ResultMissing
from odre.extracted import Extracted
from odre.ledger import LEDGER
from odre.plan import RunPlan
from odre.resources import labels
from odre.sql.merge import Load, replace_window
from odre.xcom import XComModel

if TYPE_CHECKING:
    from airflow.sdk import Context, XComArg
    from google.cloud.bigquery import QueryJob
    from pydantic import JsonValue

    from odre.settings import Settings


class HeldBack(XComModel):
    """A day that was not replaced, because it would have lost data.

    :param decided: whether a decision in the contract leaves the new data out for good.
    """

    local_date: date
    reason: str
    decided: bool


class Merged(XComModel):
    """What a MERGE did.

    :param load_id: id of the load in the ledger.
    :param job_id: id of the BigQuery job.
    :param days_kept: days that were not replaced, or not wholly, because the table holds rows from a later or more
        mature answer.
    :param held_back: days that were not replaced, because they would have lost data.
    """

    load_id: str
    job_id: str
    days_kept: list[date]
    held_back: list[HeldBack]


class MergeWindowOperator(BigQueryInsertJobOperator):
    """Run `replace_window` and read its result. Returns (XCom) a `Merged`.

    The job is never resumed. With the provider's default, `durable=True`, a cleared task would find the finished job of
    its first run and count it as its own: the new data would not be merged, yet the task would be green. Running the
    statement twice is safe, because the second time changes nothing.

    :param contract: of the landing table.
    :param plan: templated; the run's `odre.plan.RunPlan` as XCom keeps it.
    :param extracted: templated; the run's `odre.extracted.Extracted` as XCom keeps it.
    :raises ResultMissing: `window` was cleared and has chosen other days than those that were extracted.
    """

    template_fields: Sequence[str] = (*BigQueryInsertJobOperator.template_fields, "plan", "extracted")

    def __init__(
        self,
        *,
        contract: Contract,
        settings: Settings,
        plan: XComArg | dict[str, JsonValue],
        extracted: XComArg | dict[str, JsonValue],
        **kwargs: Any,
    ) -> None:
        query = {"useLegacySql": False, "maximumBytesBilled": str(settings.maximum_bytes_billed)}
        super().__init__(
            configuration={"query": query, "labels": labels(contract)},
            project_id=settings.project_id,
            location=settings.location,
            durable=False,
            deferrable=False,
            **kwargs,
        )
        self.contract, self.settings = contract, settings
        self.plan, self.extracted = plan, extracted

    def execute(self, context: Context) -> dict[str, JsonValue]:
        contract = self.contract
        plan, extracted = (
            RunPlan.from_xcom(self.plan, contract.table),
            Extracted.from_xcom(self.extracted, contract.table),
        )
        if plan.window != extracted.window:
            raise ResultMissing(
                contract.dataset_id,
                f"the run now covers {plan.window}, but {extracted.window} was extracted",
                "clear ingest.extract and what follows it",
            )
        dataset = f"{self.settings.project_id}.{self.settings.staging_dataset}"
        self.configuration["query"]["query"] = replace_window(
            contract,
            target=f"{dataset}.{contract.table}",
            batch=f"{dataset}.{plan.batch_table}",
            ledger=f"{dataset}.{LEDGER}",
            load=load_of(plan, extracted, context["dag_run"].run_id),
        )
        job_id = super().execute(context)
        merged = self._answer(extracted.load_id, job_id)
        if merged.days_kept:
            self.log.info(
                "%s: %s kept, because the table holds rows from a later or more mature answer",
                contract.dataset_id,
                ", ".join(map(str, merged.days_kept)),
            )
        for day in merged.held_back:
            self.log.warning("%s: %s kept, because it %s", contract.dataset_id, day.local_date, day.reason)
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {
                **extracted.to_xcom(),
                **merged.to_xcom(),
                "retries": context["ti"].try_number - 1,
                "merge_job": job_id,
            }
        return merged.to_xcom()

    def _answer(self, load_id: str, job_id: str) -> Merged:
        """The row that the last statement of the finished job has selected."""
        [row] = cast("QueryJob", self._job).result()
        return Merged(
            load_id=load_id,
            job_id=job_id,
            days_kept=sorted(row["days_kept"]),
            held_back=[
                HeldBack(
                    local_date=day["local_date"],
                    reason=day["reason"],
                    decided=self.contract.verdict(day["local_date"], None) == "leave out",
                )
                for day in sorted(row["held_back"], key=lambda day: day["local_date"])
            ],
        )


def load_of(plan: RunPlan, extracted: Extracted, run_id: str) -> Load:
    """The ledger's record of a run's load."""
    return Load(
        load_id=extracted.load_id,
        run_kind=plan.kind,
        run_id=run_id,
        window=plan.window,
        asked_at=extracted.asked_at,
        uri=extracted.uri,
        generation=extracted.generation,
        md5=extracted.md5,
        rows=extracted.rows,
        segments=tuple(extracted.segments),
        is_partial=extracted.partial,
        is_synthetic=extracted.synthetic,
        days_set_aside=extracted.days_set_aside,
        days_undecided=extracted.days_undecided,
        days_lacking_rows=extracted.days_lacking_rows,
    )
