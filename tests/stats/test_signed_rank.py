import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from robench.stats.rank_tests import midranks, signed_rank_p

DISTINCT = st.lists(st.integers(-500, 500).filter(bool), min_size=1, max_size=14, unique_by=abs)
TIED = st.lists(st.integers(-3, 3), min_size=1, max_size=8)


@given(DISTINCT)
def test_equals_scipys_exact_test(values):
    assert signed_rank_p(values) == pytest.approx(stats.wilcoxon(values, method="exact").pvalue)


@given(TIED.filter(any))
def test_ties_and_zeros_equal_the_enumeration_of_all_signs(values):
    kept = np.array([value for value in values if value])
    ranks = stats.rankdata(np.abs(kept))
    signs = np.array(np.meshgrid(*[[0, 1]] * kept.size)).reshape(kept.size, -1)
    sums, seen = ranks @ signs, ranks[kept > 0].sum()
    expected = min(1.0, 2 * min(np.mean(sums <= seen), np.mean(sums >= seen)))
    assert signed_rank_p(values) == pytest.approx(expected)


def test_rounding_is_no_difference():
    assert signed_rank_p([0.1 + 0.2 - 0.3] * 10) == 1.0
    assert signed_rank_p([0.3 - 0.2, 0.2 - 0.1, 0.1]) == pytest.approx(0.25)  # three equal ranks


@given(DISTINCT, st.floats(0.1, 10))
@settings(max_examples=30)
def test_turning_or_scaling_changes_nothing(values, factor):
    assert signed_rank_p([-value for value in values]) == pytest.approx(signed_rank_p(values))
    assert signed_rank_p([factor * value for value in values]) == pytest.approx(signed_rank_p(values))


def test_a_hundred_blocks_follow_the_normal_approximation():
    values = np.random.default_rng(0).normal(0.2, 1, 100)
    assert signed_rank_p(values) == pytest.approx(stats.wilcoxon(values, method="approx").pvalue, abs=0.002)


@given(st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=1, max_size=4))
def test_midranks_are_those_of_scipy(values):
    assert np.array_equal(midranks(values), stats.rankdata(values, axis=-1))
