"""The plan of a run, and its way between tasks."""

import json
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from jinja2 import Environment
from odre.alone import LOAD
from odre.contract import load_contract
from odre.errors import ResultMissing, WindowRefused
from odre.operators.merge import HeldBack, Merged, MergeWindowOperator
from odre.operators.set_aside import SetAsideOperator
from odre.plan import RunPlan, plan_run
from odre.retrying import OdreRetryPolicy
from odre.settings import Settings
from odre.window import Request, Window

from tests.plans import extracted

GAS = load_contract("stock_quotidien_stockages_gaz")
NOW = datetime(2026, 5, 4, 8, 0, tzinfo=timezone.utc)
# the sweep of gas ticks on the 3rd at 09:40 in Paris, which is 07:40 UTC in May
THIRD, FOURTH = (datetime(2026, 5, day, 7, 40, tzinfo=timezone.utc) for day in (3, 4))
DAY = timedelta(1)


def planned(request: Request, run_id: str = "manual__2026-05-04T08:00:00+00:00") -> RunPlan:
    return plan_run(GAS, request, run_id, NOW)


@pytest.mark.parametrize(
    ("request_", "kind", "first"),
    [
        (Request(THIRD, FOURTH), "interval", date(2026, 5, 3) - GAS.lookback_days * DAY),
        (Request(THIRD - DAY, THIRD), "sweep", date(2026, 5, 2) - GAS.sweep.lookback_days * DAY),
        (Request(THIRD - DAY, THIRD, look_back=False), "backfill", date(2026, 5, 2)),
        (Request(None, NOW), "interval", date(2026, 5, 4) - GAS.lookback_days * DAY),
        (Request(THIRD, FOURTH, start_date="2022-01-01"), "range", date(2022, 1, 1)),
        (Request(THIRD, FOURTH, look_back=False, end_date="2022-01-01"), "range", date(2022, 1, 1)),
        (Request(THIRD, FOURTH, full_refresh=True), "full_refresh", GAS.start_date),
    ],
)
def test_the_kind_of_a_run_says_why_it_covers_its_days(request_, kind, first):
    plan = planned(request_)
    assert (plan.kind, plan.window.start) == (kind, first)
    assert plan.full_refresh == (kind == "full_refresh")
    bounds = ("", "") if plan.full_refresh else (str(first), str(plan.window.end))
    assert tuple(plan.dbt_environment.values()) == bounds


def test_names_are_a_runs_own():
    first, second = (planned(Request(THIRD, FOURTH), run_id) for run_id in ("scheduled__1", "scheduled__2"))
    assert first.batch_table != second.batch_table and first.batch_table.startswith(f"{GAS.table}__batch_")
    assert first.object_name(1) != first.object_name(2) != second.object_name(2)
    assert first.object_name(1).startswith(f"raw/{GAS.table}/{first.window.start}_{first.window.end}/scheduled-1-")
    assert planned(Request(THIRD, FOURTH), "scheduled__1") == first
    dotted, dashed = (planned(Request(THIRD, FOURTH), name) for name in ("manual.a", "manual-a"))
    assert dotted.object_name(1) != dashed.object_name(1)


def test_days_that_cannot_be_loaded_have_no_plan():
    with pytest.raises(WindowRefused, match="in the future"):
        planned(Request(THIRD, FOURTH, start_date="2026-05-04", end_date="2026-05-05"))


def test_a_plan_travels_through_xcom_unchanged():
    plan = planned(Request(THIRD, FOURTH, full_refresh=True))
    kept = json.loads(json.dumps(plan.to_xcom()))
    assert RunPlan.from_xcom(kept, GAS.table) == plan and RunPlan.from_xcom(kept, GAS.table).full_refresh
    assert RunPlan.from_xcom(kept | {"of_a_newer_version": 1}, GAS.table) == plan


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (None, "the result: Input should be a valid dictionary"),
        ({}, "kind: Field required"),
        ({"window": {"start": "2026-05-02", "end": "2026-05-01"}}, "window: .*cannot end 2026-05-01 before"),
    ],
)
def test_a_missing_or_broken_plan_is_one_line_and_not_tried_again(left, says):
    whole = planned(Request(THIRD, FOURTH)).to_xcom()
    with pytest.raises(
        ResultMissing, match=f"^{GAS.table}: an earlier task has left no valid RunPlan .*{says}"
    ) as error:
        RunPlan.from_xcom(whole | left if left else left, GAS.table)
    assert "\n" not in str(error.value) and " → clear the earlier tasks" in str(error.value)
    assert OdreRetryPolicy().evaluate(error.value, 1, 3).action.name == "FAIL"


EXTRACTED = extracted("2022-01-01", "2022-01-02")


def test_a_window_that_was_decided_anew_is_not_what_was_extracted():
    """Somebody cleared `window` alone, then `ingest.merge`: the ledger would say that the new days were asked for."""
    plan = planned(Request(THIRD, FOURTH)).to_xcom()
    task = MergeWindowOperator(
        task_id="merge", contract=GAS, settings=Settings.from_environment(), plan=plan, extracted=EXTRACTED.to_xcom()
    )
    with pytest.raises(ResultMissing, match=r"2026-05-04, but 2022-01-01 … 2022-01-02 was extracted → clear ingest.e"):
        task.execute({})


def test_what_was_extracted_and_not_merged_is_not_called_whole():
    """Somebody cleared `ingest.extract` alone, whose new answer is whole, then `set_aside`."""
    merged = Merged(load_id="of the answer before", job_id="job", days_kept=[], held_back=[])
    task = SetAsideOperator(
        task_id="set_aside", table=GAS.table, extracted=EXTRACTED.to_xcom(), merged=merged.to_xcom()
    )
    run = SimpleNamespace(run_type="manual", run_id="r")
    context = {
        "dag_run": run,
        "ti": SimpleNamespace(dag_id=GAS.table, get_task_states=lambda *_, **__: {"r": {LOAD: "success"}}),
    }
    with pytest.raises(
        ResultMissing, match="gs://lake/raw/a was extracted, but another object was merged → clear inge"
    ):
        task.execute(context)
    held = HeldBack(local_date=EXTRACTED.window.start, reason="would lose most rows", decided=True)
    task.merged = merged.model_copy(update={"load_id": EXTRACTED.load_id, "held_back": [held]}).to_xcom()
    task.execute(context)  # a person has decided about that day


def test_templates_read_single_fields():
    class TaskInstance:
        def xcom_pull(self, task_ids: str):
            return {"window": planned(Request(THIRD, FOURTH)).to_xcom()}[task_ids]

    def rendered(*path: str) -> str:
        return Environment().from_string(RunPlan.template("window", *path)).render(ti=TaskInstance())  # noqa: S701

    assert (rendered("window", "end"), rendered("full_refresh")) == ("2026-05-04", "False")
    with pytest.raises(AttributeError, match="RunPlan has no field 'windows'"):
        RunPlan.template("window", "windows")


def test_a_window_has_days():
    assert Window(date(2024, 2, 28), date(2024, 3, 1)).days == 3
    with pytest.raises(ValueError, match="cannot end 2024-01-01 before it starts 2024-01-02"):
        Window(date(2024, 1, 2), date(2024, 1, 1))
