import numpy as np
import pytest
from scipy import stats

from robench.stats.rank_tests import pairs_needed, refusal, smallest_paired_p, smallest_unpaired_p


@pytest.mark.parametrize(("k", "paired", "unpaired"), [(3, 0.25, 0.10), (4, 0.125, 0.029), (5, 0.0625, 0.0079)])
def test_the_handbooks_table(k, paired, unpaired):
    assert smallest_paired_p(k) == pytest.approx(paired)
    assert smallest_unpaired_p(k, k) == pytest.approx(unpaired, rel=0.02)


@pytest.mark.parametrize("k", [3, 4, 6, 8])
def test_the_clearest_data_give_it_in_scipy(k):
    low, high = np.arange(k), np.arange(k) + 100.5
    assert smallest_unpaired_p(k, k) == pytest.approx(stats.mannwhitneyu(low, high, method="exact").pvalue)
    assert smallest_unpaired_p(k, k + 2) == pytest.approx(
        stats.mannwhitneyu(low, np.arange(k + 2) + 100.5, method="exact").pvalue
    )
    assert smallest_paired_p(k) == pytest.approx(stats.wilcoxon(high - low / 2, method="exact").pvalue)


@pytest.mark.parametrize("alpha", [0.1, 0.05, 0.01])
@pytest.mark.parametrize("comparisons", [1, 3, 10])
def test_pairs_needed_are_the_fewest(alpha, comparisons):
    pairs = pairs_needed(alpha, comparisons)
    assert comparisons * smallest_paired_p(pairs) <= alpha < comparisons * smallest_paired_p(pairs - 1)


def test_six_blocks_for_five_percent():
    assert pairs_needed() == 6


def test_refusal_names_test_observations_and_reason():
    text = refusal("Wilcoxon test", "4 blocks", smallest_paired_p(4))
    assert text == "no Wilcoxon test on 4 blocks: its smallest possible p is 0.12, above 0.05 whatever the data"
    assert refusal("Wilcoxon test", "6 blocks", smallest_paired_p(6)) is None
    assert "p is 1, above" in refusal("Wilcoxon test", "6 blocks", 66 * smallest_paired_p(6))
