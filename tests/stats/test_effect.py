import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import TTestIndPower

from robench.errors import InputError
from robench.stats.effect import detectable_difference, hedges_g, networks_needed
from robench.stats.welch import welch


def sample(k, sd=1.0):
    """k values with mean 0 and exactly this standard deviation (ddof 1)."""
    values = np.arange(k) - (k - 1) / 2
    return values / values.std(ddof=1) * sd


@pytest.mark.parametrize(("k", "expected"), [(3, 3.07), (4, 2.38), (5, 2.02), (10, 1.32)])
def test_the_protocols_table(k, expected):
    assert detectable_difference(sample(k), sample(k)) == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize(("k", "alpha"), [(2, 0.05), (3, 0.05), (3, 0.01), (5, 0.01), (20, 0.05)])
def test_equals_statsmodels_at_equal_variances(k, alpha):
    expected = TTestIndPower().solve_power(nobs1=k, alpha=alpha, power=0.8)
    assert detectable_difference(sample(k), sample(k), alpha) == pytest.approx(expected, rel=1e-4)


@given(st.floats(0.01, 100))
def test_scales_with_the_unit(factor):
    a, b = sample(3), sample(5, 0.5)
    expected = factor * detectable_difference(a, b)
    assert detectable_difference(a * factor, b * factor) == pytest.approx(expected)


def test_a_test_finds_it_as_often_as_it_says():
    draws, k, rng = 1500, 5, np.random.default_rng(1)
    delta = detectable_difference(sample(k), sample(k))
    found = np.mean([welch(rng.normal(delta, 1, k), rng.normal(0, 1, k)).p <= 0.05 for _ in range(draws)])
    # Welch gives up about a point of power for not assuming equal variances
    assert 0.80 - 0.02 - 3 * math.sqrt(0.8 * 0.2 / draws) <= found <= 0.80 + 3 * math.sqrt(0.8 * 0.2 / draws)


def test_hedges_g_of_a_hand_computed_example():
    # means 3 and 2, pooled variance 2.5 with 8 degrees; J(8) = 0.90270 (exact gamma form)
    assert hedges_g([1, 2, 3, 4, 5], [0, 1, 2, 3, 4]) == pytest.approx(1 / math.sqrt(2.5) * 0.90270, rel=1e-4)


@pytest.mark.parametrize("function", [detectable_difference, hedges_g])
def test_says_nothing_without_spread_or_networks(function):
    assert function([0.5, 0.5], [0.4, 0.4]) is None
    assert function([0.5], [0.4, 0.6]) is None


@pytest.mark.parametrize("quotient", [0.1, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("power", [0.8, 0.9])
def test_networks_needed_is_statsmodels_rounded_up(quotient, power):
    expected = TTestIndPower().solve_power(quotient, alpha=0.05, power=power)
    assert networks_needed(0.004, 0.004 * quotient, power) == math.ceil(expected)


@pytest.mark.parametrize("k", [3, 4, 5, 10])
def test_networks_needed_undoes_the_detectable_difference(k):
    assert networks_needed(1.0, detectable_difference(sample(k), sample(k)) * (1 + 1e-6)) == k
    assert networks_needed(1.0, -detectable_difference(sample(k), sample(k)) * (1 - 1e-3)) == k + 1


def test_networks_needed_refuses_what_no_number_finds():
    assert networks_needed(0.0, 0.01) == 3
    for sd, difference in [(1.0, 0.0), (-1.0, 0.1), (math.nan, 0.1), (1.0, math.inf)]:
        with pytest.raises(InputError, match="difference"):
            networks_needed(sd, difference)
