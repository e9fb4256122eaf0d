import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from robench.errors import InputError
from robench.stats.random_effects import pooled

BLOCK = st.tuples(st.integers(-50, 50).map(lambda x: x / 10), st.integers(2, 30).map(lambda x: (x / 10) ** 2))


@pytest.mark.filterwarnings("ignore:`use_t=True` requires")  # of the single blocks' intervals, not used here
@settings(max_examples=40)
@given(st.lists(BLOCK, min_size=2, max_size=9, unique_by=lambda block: block[0]))
def test_equals_statsmodels_with_hartung_knapp(blocks):
    effects, variances = np.array(blocks).T
    other = combine_effects(effects, variances, method_re="iterated", use_t=True)
    found = pooled(effects, variances)
    low, high = other.conf_int()[3]
    assert found.tau**2 == pytest.approx(other.tau2, rel=1e-4, abs=1e-4)
    assert found.mean == pytest.approx(other.mean_effect_re, rel=1e-4, abs=1e-4)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-3, abs=1e-3)
    assert (found.p <= 0.05) == (not found.low <= 0 <= found.high)


def test_the_interval_covers_the_mean_of_blocks_that_disagree():
    rng, draws, covered = np.random.default_rng(0), 1500, 0
    for _ in range(draws):
        variances = rng.uniform(0.2, 1, 5)
        result = pooled(rng.normal(0.3, np.sqrt(variances + 0.5)), variances)
        covered += result.low <= 0.3 <= result.high
    assert abs(covered / draws - 0.95) <= 0.02


@given(st.lists(BLOCK, min_size=2, max_size=6, unique_by=lambda block: block[0]), st.floats(0.1, 100))
def test_scales_with_the_unit(blocks, factor):
    effects, variances = np.array(blocks).T
    plain, scaled = pooled(effects, variances), pooled(factor * effects, factor**2 * variances)
    assert (scaled.mean, scaled.low, scaled.high, scaled.tau) == pytest.approx(
        tuple(factor * value for value in (plain.mean, plain.low, plain.high, plain.tau)), rel=1e-4, abs=1e-6 * factor
    )


def test_one_block_pools_nothing_and_bad_variances_are_refused():
    assert pooled([0.1], [0.01]) is None
    for variances in ([0.01, 0.0], [0.01], [0.01, -1.0], [0.01, float("nan")]):
        with pytest.raises(InputError, match="variances"):
            pooled([0.1, 0.2], variances)
