"""The laws of the contracts as named checks, for built-ins and third parties alike.

In a plugin's own tests:

    @pytest.mark.parametrize("check", method_checks(), ids=str)
    def test_laws(check):
        check(MyMethod)

On the command line: `robench check method my-method`.
"""

from robench.testing.check import Check, Finding, check, examine

__all__ = [
    "Check",
    "Finding",
    "corruption_checks",
    "dataset_checks",
    "examine",
    "method_checks",
    "metric_checks",
    "model_checks",
    "suite_checks",
]


def method_checks() -> tuple[Check, ...]:
    """Return the checks of a class of training methods."""
    from robench.testing.method import CHECKS

    return CHECKS


def model_checks() -> tuple[Check, ...]:
    """Return the checks of a `Model`; of a family they need `variant=`."""
    from robench.testing.model import CHECKS

    return CHECKS


def corruption_checks() -> tuple[Check, ...]:
    """Return the checks of a `Corruption`; where it declares files they need the data root, `data=`."""
    from robench.testing.corruption import CHECKS

    return tuple(check()(look) for look in CHECKS)


def dataset_checks() -> tuple[Check, ...]:
    """Return the checks of a `Dataset`; where it declares files they need the data root, `data=`."""
    from robench.testing.dataset import CHECKS

    return CHECKS


def suite_checks() -> tuple[Check, ...]:
    """Return the checks of a `Suite`."""
    from robench.testing.suite import CHECKS

    return CHECKS


def metric_checks() -> tuple[Check, ...]:
    """Return the checks of a `Metric`."""
    from robench.testing.metric import CHECKS

    return CHECKS
