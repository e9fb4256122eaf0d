import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from statsmodels.stats.multitest import multipletests

from robench.stats.multiplicity import better_in_at_least, partial_conjunction

PS = st.lists(st.floats(0, 1), min_size=1, max_size=10)


def test_a_hand_computed_example():
    # (N - u + 1) p_(u): 4 * .001, 3 * .01, 2 * .04, 1 * .3
    assert partial_conjunction([0.04, 0.001, 0.3, 0.01]) == pytest.approx([0.004, 0.03, 0.08, 0.3])
    assert better_in_at_least([0.04, 0.001, 0.3, 0.01]) == 2
    assert better_in_at_least([0.5, 0.9]) == 0
    assert better_in_at_least([]) == 0


@given(PS)
def test_the_ends_are_known_tests(p):
    found = partial_conjunction(p)
    assert found[0] == pytest.approx(min(1, len(p) * min(p)))  # in any block: Bonferroni
    assert found[-1] >= max(p)  # in all blocks: the largest p


@settings(max_examples=8, deadline=None)  # statsmodels collects garbage at each call
@given(PS)
def test_counts_what_holm_rejects(p):
    """Its steps are Holm's: the number of blocks claimed is the number that Holm declares, without naming them."""
    assert better_in_at_least(p) == multipletests(p, method="holm")[0].sum()


@pytest.mark.parametrize("true_blocks", [0, 1, 3])
@pytest.mark.parametrize("shared", [0.0, 0.8])
def test_seldom_claims_more_blocks_than_there_are(true_blocks, shared):
    """Also where blocks share their networks and so move together."""
    rng, draws, blocks = np.random.default_rng(true_blocks), 2000, 5
    noise = np.sqrt(shared) * rng.normal(size=(draws, 1)) + np.sqrt(1 - shared) * rng.normal(size=(draws, blocks))
    p = ndtr(-(noise + 6.0 * (np.arange(blocks) < true_blocks)))
    claimed = np.array([better_in_at_least(row) for row in p])
    assert np.mean(claimed > true_blocks) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)
    assert np.mean(claimed >= true_blocks) > 0.95
