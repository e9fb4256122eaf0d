"""Each planted fault is caught by the check that names the law it breaks; the first ten by no other."""

import pytest

from robench.testing import examine, method_checks
from tests.helpers.method_faults import FAULTS, SOUND

CHECKS = {check.name: check for check in method_checks()}
THE_FIRST_TEN = list(FAULTS)[:10]
SLOW = {"ranks"}
"""Two processes each: run for sound methods and for the fault that only they can show."""


def failed(cls, checks):
    return [finding.check for finding in examine(cls.__name__, cls, {}, checks) if not finding.passed]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_of_the_law_fails(fault):
    check = CHECKS[FAULTS[fault]]
    assert failed(fault, [check]) == [check.name]


@pytest.mark.parametrize("fault", THE_FIRST_TEN)
def test_no_other_check_fails(fault):
    others = [check for name, check in CHECKS.items() if name not in {FAULTS[fault], *SLOW}]
    assert failed(fault, others) == []


@pytest.mark.parametrize("sound", SOUND)
def test_the_sound_siblings_pass(sound):
    assert failed(sound, CHECKS.values()) == []


def test_every_check_catches_a_fault():
    assert set(FAULTS.values()) == set(CHECKS)
