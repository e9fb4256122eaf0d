"""Every known error of sparse-training code (1 to 19) is guarded against by a check, or by a named test."""

from importlib import import_module

from robench.testing import method_checks

# Errors that no method can make by itself: what holds robench as a whole to them.
HELD_BY_TESTS = {16: "tests.testing.test_model_selection::test_training_never_sees_the_test_set"}


def test_all_nineteen_are_covered():
    by_checks = {number for check in method_checks() for number in check.pitfalls}
    assert by_checks | HELD_BY_TESTS.keys() == set(range(1, 20))


def test_the_named_tests_exist():
    for place in HELD_BY_TESTS.values():
        module, _, function = place.partition("::")
        assert callable(getattr(import_module(module), function))
