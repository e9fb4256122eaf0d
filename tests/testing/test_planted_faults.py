"""Each planted fault is caught by the check that names the law it breaks; many are by no other."""

import pytest

from robench.testing import examine, method_checks
from tests.helpers.method_faults import FAULTS, SOUND
from tests.helpers.promise_faults import KEEPING, PROMISES
from tests.helpers.thoroughly import thoroughly

CHECKS = {check.name: check for check in method_checks()}
ALL = {**FAULTS, **PROMISES}
ALONE = [*list(FAULTS)[:10], *PROMISES]
SLOW = {"ranks"}
"""Two processes each: run for sound methods and for the fault that only they can show."""


def failed(cls, checks):
    return [finding.check for finding in examine(cls.__name__, cls, {}, checks) if not finding.passed]


@pytest.mark.parametrize("fault", ALL)
def test_the_check_of_the_law_fails(fault):
    check = CHECKS[ALL[fault]]
    assert failed(fault, [check]) == [check.name]


@pytest.mark.thorough
@pytest.mark.parametrize("fault", ALONE)
def test_no_other_check_fails(fault):
    checks = [check for name, check in CHECKS.items() if name not in SLOW or name == ALL[fault]]
    assert failed(fault, checks) == [ALL[fault]]


@pytest.mark.parametrize("sound", thoroughly([*SOUND, *KEEPING], always=SOUND[:1]))
def test_the_sound_siblings_pass(sound):
    assert failed(sound, CHECKS.values()) == []


def test_every_check_catches_a_fault():
    assert set(ALL.values()) == set(CHECKS)
