import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from robench.stats.welch import better_p, moments, pairwise, welch

SAMPLES = st.lists(st.floats(-1, 1).map(lambda x: round(x, 4)), min_size=3, max_size=8)
SPREAD = SAMPLES.filter(lambda values: len(set(values)) > 1)  # scipy warns of constant groups


@given(SPREAD, SPREAD, st.sampled_from([0.01, 0.05, 0.1]))
def test_equals_scipy(a, b, alpha):
    ours = welch(a, b, alpha)
    theirs = stats.ttest_ind(a, b, equal_var=False)
    interval = theirs.confidence_interval(1 - alpha)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-9, abs=1e-300)
    assert ours.degrees == pytest.approx(theirs.df)
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high))
    assert ours.difference == pytest.approx(np.mean(a) - np.mean(b))


@given(SAMPLES, SAMPLES)
def test_swapping_the_groups_swaps_the_sign(a, b):
    one, other = welch(a, b), welch(b, a)
    assert (one is None) == (other is None)
    if one is not None:
        assert one.p == pytest.approx(other.p)
        assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


@pytest.mark.parametrize(
    ("a", "b"), [([0.5], [0.4, 0.6]), ([0.5, 0.5, 0.5], [0.4, 0.4, 0.4]), ([0.1 + 0.2, 0.3, 0.3], [0.3, 0.3, 0.3])]
)
def test_says_nothing_without_noise_to_test_against(a, b):
    assert welch(a, b) is None


def test_two_networks_have_an_interval_and_no_p():
    result = welch([0.50, 0.52], [0.40, 0.43, 0.41])
    reference = stats.ttest_ind([0.50, 0.52], [0.40, 0.43, 0.41], equal_var=False).confidence_interval(0.95)
    assert (result.low, result.high) == pytest.approx((reference.low, reference.high))
    assert result.p is None


def test_one_constant_group_leaves_the_degrees_of_the_other():
    result = welch([0.5, 0.5, 0.5], [0.40, 0.43, 0.41, 0.42])
    assert result.degrees == pytest.approx(3)
    assert result.p == pytest.approx(stats.ttest_1samp([0.40, 0.43, 0.41, 0.42], 0.5).pvalue)


def test_pairwise_is_the_test_of_each_pair():
    groups = [[0.5, 0.52, 0.51], [0.4, 0.43, 0.41, 0.44], [0.49, 0.5, 0.55], [0.3, 0.31]]
    p, tested = pairwise(moments(groups))
    for i in range(4):
        for j in range(4):
            single = welch(groups[i], groups[j])
            assert tested[i, j] == (i != j and single is not None and single.p is not None)
            assert p[i, j] == pytest.approx(single.p if tested[i, j] else 1.0)


@pytest.mark.parametrize("k", [3, 5, 10])
def test_false_positive_rate_is_near_nominal(k):
    draws, rng = 3000, np.random.default_rng(k)
    values = rng.normal(0.6, 0.0051, (draws, 2, k))
    hits = sum(welch(a, b).p <= 0.05 for a, b in values)
    # binomial sd of 3000 draws at 5 % is 0.4 points: three of them above; Welch is conservative at k = 3 (3.4 %)
    assert 0.025 <= hits / draws <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / draws)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    draws, rng = 3000, np.random.default_rng(0)
    treated, control = rng.normal(0.62, 0.01, (draws, 5)), rng.normal(0.60, 0.004, (draws, 5))
    results = [welch(a, b) for a, b in zip(treated, control, strict=True)]
    covered = sum(r.low <= 0.02 <= r.high for r in results) / draws
    assert abs(covered - 0.95) <= 0.015


@given(SPREAD, SPREAD)
def test_one_sided_equals_scipy(a, b):
    assert better_p(a, b) == pytest.approx(stats.ttest_ind(a, b, equal_var=False, alternative="greater").pvalue)
    lower = stats.ttest_ind(a, b, equal_var=False, alternative="less").pvalue
    assert better_p(a, b, higher_is_better=False) == pytest.approx(lower)
    assert better_p(a[:2], b) is None
