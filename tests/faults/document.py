"""`python -m tests.faults.document`: write docs/faults.md from the cases of the matrix."""

from __future__ import annotations

from laptop.environment import REPOSITORY
from tests.faults.cases import ASKED, CASES
from tests.faults.services import SERVICES, SERVICES_HEAD

DOC = REPOSITORY / "docs" / "faults.md"


def services() -> str:
    """The part of docs/faults.md on processes, disk, lake and warehouse."""
    lines = [f"| {case.what} | {', '.join(case.tasks)} | {case.shown} | {case.then} |" for case in SERVICES]
    return SERVICES_HEAD + "\n".join(lines) + "\n"


def documentation() -> str:
    """docs/faults.md."""
    head = """# Faults of the source and of the services, and what they lead to

This page is generated from `tests/faults/test_matrix.py` (`python -m tests.faults.document`), which runs every line for
every dataset. When a run is refused, the landing table has the same checksum before and after, so marts and dashboard
stay as they were too. A day that is *set aside* keeps its older rows, the other days of the answer are loaded, and the
run fails in its last task, `set_aside`, which names the day and the reason; when no day is left, the answer is refused.

| fault | outcome | requests in the task | then |
|---|---|---|---|
"""
    lines = []
    for case in CASES:
        said = (
            f"{'set aside' if case.aside else 'refused'}: `{case.says}`"
            if case.says
            else "loads" + (", missing values stay missing" if case.changes else ", same tables")
        )
        then = (
            {"FAIL": "the task fails immediately, because a retry cannot help", "RETRY": "Airflow tries again"}[
                case.airflow
            ]
            if case.says
            else ""
        )
        lines.append(
            f"| {case.fault.replace('_', ' ')} | {said.replace('|', ' or ')} | {case.asked or ASKED} | {then} |"
        )
    return head + "\n".join(lines) + "\n" + services()


if __name__ == "__main__":
    DOC.write_text(documentation(), encoding="utf-8")
    print(f"wrote {DOC}")
