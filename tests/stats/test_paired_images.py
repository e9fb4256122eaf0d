import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar

from robench.errors import InputError
from robench.stats.paired_images import LABEL, compare_checkpoints, mcnemar


def networks(seed, cells=6, images=200, gain=0.0):
    """Two networks that are right on the same easy images: every image has a difficulty that all its cells share."""
    rng = np.random.default_rng(seed)
    ease = rng.normal(0.5, 1, images)
    one, other = (ease + rng.normal(0, 0.7, images) + rng.normal(0, 0.7, (cells, images)) for _ in range(2))
    return one + gain > 0, other > 0


def mean_difference(a, b, axis=-1):
    return np.mean(a, axis=axis) - np.mean(b, axis=axis)


@pytest.mark.parametrize("gain", [0.0, 0.12, 0.3])
def test_equals_scipy_on_the_mean_accuracy_of_each_image(gain):
    a, b = networks(0, gain=gain)
    found = compare_checkpoints(a, b, np.random.default_rng(1))
    images = (a.mean(axis=0), b.mean(axis=0))
    test = stats.permutation_test(
        images, mean_difference, permutation_type="samples", vectorized=True, n_resamples=4000, rng=2
    )
    interval = stats.bootstrap(
        images, mean_difference, paired=True, vectorized=True, method="percentile", n_resamples=4000, rng=3
    ).confidence_interval
    assert found.difference == pytest.approx(mean_difference(*images))
    assert found.p == pytest.approx(test.pvalue, abs=4 * np.sqrt(0.25 / 4000))
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=0.004)
    assert (found.images, found.cells, found.label) == (200, 6, LABEL)


def test_few_images_give_the_exact_share_of_signs():
    a = np.array([[1, 1, 1, 1, 0, 1], [1, 0, 1, 1, 0, 1]], dtype=bool)
    b = np.array([[0, 1, 0, 1, 1, 0], [0, 0, 1, 0, 0, 0]], dtype=bool)
    sums = a.sum(axis=0).astype(int) - b.sum(axis=0)
    signs = np.array(np.meshgrid(*[[-1, 1]] * 6)).reshape(6, -1).T
    exact = np.mean(np.abs(signs @ sums) >= abs(sums.sum()))
    found = compare_checkpoints(a, b, np.random.default_rng(0), draws=40_000)
    assert found.p == pytest.approx(exact, abs=4 * np.sqrt(0.25 / 40_000))


def test_false_positives_with_images_kept_together_and_without():
    """Cells that share their image are no more evidence than the image: a test over all bits sees far too much."""
    hits, naive = [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        a, b = (np.repeat(rng.random(150) < 0.7, 20).reshape(150, 20).T for _ in range(2))
        hits.append(compare_checkpoints(a, b, rng, draws=600).p <= 0.05)
        naive.append(mcnemar(a.ravel(), b.ravel()).p <= 0.05)
    assert np.mean(hits) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
    assert np.mean(naive) > 0.4


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_swapping_the_networks_turns_the_sign_and_order_does_not_matter(seed):
    a, b = networks(seed, images=40)
    shuffled = np.random.default_rng(seed).permutation(40)
    one = compare_checkpoints(a, b, np.random.default_rng(0), draws=500)
    moved = compare_checkpoints(a[::-1, shuffled], b[::-1, shuffled], np.random.default_rng(0), draws=500)
    assert one == moved
    turned = compare_checkpoints(b, a, np.random.default_rng(0), draws=500)
    assert turned.difference == -one.difference
    assert turned.p == one.p
    assert one.low <= one.difference <= one.high


def test_a_network_against_itself():
    a, _ = networks(0)
    found = compare_checkpoints(a, a, np.random.default_rng(0))
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)
    assert mcnemar(a[0], a[0]).p == 1


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 20))
@settings(max_examples=40)
def test_mcnemar_equals_statsmodels_and_the_binomial_test(gained, lost, both):
    a = np.array([True] * gained + [False] * lost + [True] * both + [False])
    b = np.array([False] * gained + [True] * lost + [True] * both + [False])
    found = mcnemar(a, b)
    assert (found.only_treated, found.only_control) == (gained, lost)
    assert found.p == pytest.approx(statsmodels_mcnemar([[both, gained], [lost, 1]], exact=True).pvalue)
    if gained + lost:
        assert found.p == pytest.approx(stats.binomtest(gained, gained + lost).pvalue)


@pytest.mark.parametrize(("a", "b"), [((2, 3), (2, 4)), ((3,), (3,)), ((0, 5), (0, 5)), ((2, 0), (2, 0))])
def test_refuses_other_shapes(a, b):
    with pytest.raises(InputError, match="bits: shapes"):
        compare_checkpoints(np.zeros(a, dtype=bool), np.zeros(b, dtype=bool), np.random.default_rng(0))


def test_mcnemar_refuses_other_shapes():
    with pytest.raises(InputError, match="bits: shapes"):
        mcnemar(np.zeros((2, 3), dtype=bool), np.zeros((2, 3), dtype=bool))
