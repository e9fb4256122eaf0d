"""The laws of metrics hold for those that records hold, and each planted fault fails the check that names it."""

from dataclasses import replace

import numpy as np
import pytest

from robench.contracts import METRICS, Measured, Metric
from robench.testing import examine, metric_checks

SOUND = METRICS["robust_accuracy"]


def writing(seen: Measured) -> float:
    seen.errors[0, 0] = 0.5
    return 0.0


def counting(seen: Measured) -> float:
    CALLS.append(1)
    return float(len(CALLS))


CALLS: list[int] = []
FAULTS = [
    ("declaration", replace(SOUND, unit=" ")),
    ("declaration", replace(SOUND, reference="")),
    ("declaration", replace(SOUND, api_version=2)),
    ("numbers", replace(SOUND, by_corruption=None, value=lambda seen: float("nan"))),
    ("numbers", replace(SOUND, by_corruption=None, value=lambda seen: None)),
    ("numbers", replace(SOUND, by_corruption=None, value=writing)),
    ("numbers", replace(SOUND, by_corruption=None, value=counting)),
    ("mean-over-corruptions", replace(SOUND, by_corruption=lambda seen: seen.errors.mean(axis=1))),
    ("mean-over-corruptions", replace(SOUND, by_corruption=lambda seen: np.append(1 - seen.errors.mean(axis=1), 0))),
]


@pytest.mark.parametrize("check", metric_checks(), ids=str)
@pytest.mark.parametrize("name", METRICS)
def test_the_table_keeps_the_laws(name: str, check) -> None:
    check(METRICS[name])


@pytest.mark.parametrize(("law", "metric"), FAULTS)
def test_a_planted_fault_fails_its_check_alone(law: str, metric: Metric) -> None:
    failed = [finding.check for finding in examine("planted", metric, {}, metric_checks()) if not finding.passed]
    assert failed == [law]
