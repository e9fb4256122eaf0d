import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import ttost_ind

from robench.errors import InputError
from robench.stats.equivalence import noninferiority

SAMPLE = st.lists(st.integers(0, 1000).map(lambda x: x / 1000), min_size=3, max_size=8, unique=True)
MARGIN = st.floats(0.001, 0.5)


@given(SAMPLE, SAMPLE, MARGIN)
def test_equals_statsmodels(a, b, margin):
    result = noninferiority(a, b, margin)
    p, lower, upper = ttost_ind(np.array(a), np.array(b), -margin, margin, usevar="unequal")
    assert result.p_equivalent == pytest.approx(p, rel=1e-9, abs=1e-300)
    assert result.p == pytest.approx(lower[1], rel=1e-9, abs=1e-300)
    assert noninferiority(a, b, margin, higher_is_better=False).p == pytest.approx(upper[1], rel=1e-9, abs=1e-300)


@given(SAMPLE, SAMPLE, MARGIN)
def test_the_interval_says_the_same_as_the_tests(a, b, margin):
    result = noninferiority(a, b, margin)
    if min(abs(result.low + margin), abs(result.high - margin), abs(result.high + margin)) > 1e-9:
        assert (result.p <= 0.05) == (result.low > -margin)
        assert (result.p_equivalent <= 0.05) == (-margin < result.low and result.high < margin)


@given(SAMPLE, SAMPLE, MARGIN)
def test_turning_the_scale_around_changes_nothing(a, b, margin):
    turned = noninferiority([-x for x in a], [-x for x in b], margin, higher_is_better=False)
    assert turned.p == pytest.approx(noninferiority(a, b, margin).p, rel=1e-6)


def test_two_networks_have_an_interval_and_no_p():
    result = noninferiority([0.5, 0.52], [0.5, 0.51, 0.53], 0.05)
    assert (result.p, result.p_equivalent) == (None, None)
    assert result.low < 0 < result.high
    assert noninferiority([0.5], [0.5, 0.6], 0.05) is None
    assert noninferiority([0.5, 0.5], [0.5, 0.5], 0.05) is None


@pytest.mark.parametrize("margin", [0.0, -0.1, float("nan")])
def test_refuses_a_margin_that_is_none(margin):
    with pytest.raises(InputError, match="margin"):
        noninferiority([0.5, 0.6, 0.7], [0.5, 0.6, 0.8], margin)


@pytest.mark.parametrize("k", [3, 5, 10])
def test_a_method_worse_by_the_margin_seldom_passes(k):
    draws, rng = 2000, np.random.default_rng(k)
    treated, control = rng.normal(-0.005, 0.005, (draws, k)), rng.normal(0, 0.005, (draws, k))
    passed = np.mean([noninferiority(a, b, 0.005).p <= 0.05 for a, b in zip(treated, control, strict=True)])
    assert 0.03 <= passed <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)
