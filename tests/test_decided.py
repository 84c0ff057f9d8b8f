"""A person has confirmed or corrected everything that `make dataset` has proposed."""

from laptop.environment import REPOSITORY
from laptop.scaffold.marks import undecided


def test_no_value_waits_for_a_decision():
    marks = undecided(REPOSITORY)
    assert not marks, "confirm or correct these lines, and take their marks away:\n" + "\n".join(map(str, marks))
