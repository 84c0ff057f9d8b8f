"""The list of deliberate breaks stays in step with the code; `python -m tests.breaks` applies them."""

import pytest

from laptop.environment import REPOSITORY
from tests.breaks.__main__ import breaks


def test_there_are_enough_breaks_and_each_has_a_name_of_its_own():
    names = [fault.name for fault in breaks()]
    assert len(names) >= 40 and len(set(names)) == len(names)
    assert len({(fault.file, fault.find, fault.replace) for fault in breaks()}) == len(names)


def test_the_random_histories_find_breaks_of_their_own():
    """`python -m tests.breaks --histories` shows it; it takes an hour."""
    assert len([fault for fault in breaks() if fault.histories]) >= 8


@pytest.mark.parametrize("fault", breaks(), ids=lambda fault: fault.name)
def test_a_break_changes_the_file_it_names(fault):
    text = (REPOSITORY / fault.file).read_text(encoding="utf-8")
    assert fault.applied_to(text) != text
