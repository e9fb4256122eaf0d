import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from robench.errors import InputError
from robench.stats.blocks import compare_over_blocks, rank_over_blocks


def two_methods(blocks, gain=0.0, k=4, seed=0):
    rng = np.random.default_rng(seed)
    level = rng.uniform(0.3, 0.7, (blocks, 1))
    return list(rng.normal(level + gain, 0.01, (blocks, k))), list(rng.normal(level, 0.01, (blocks, k)))


def test_six_blocks_are_tested_as_scipy_does():
    treated, control = two_methods(7, gain=0.005)
    found = compare_over_blocks(treated, control)
    differences = [np.mean(a) - np.mean(b) for a, b in zip(treated, control, strict=True)]
    assert found.p == pytest.approx(stats.wilcoxon(differences, method="exact").pvalue)
    assert found.refusal is None
    first = stats.ttest_ind(treated[0], control[0], equal_var=False).confidence_interval(0.95)
    assert (found.blocks[0].low, found.blocks[0].high) == pytest.approx((first.low, first.high))


@pytest.mark.filterwarnings("ignore:`use_t=True` requires")
def test_fewer_blocks_are_pooled_and_the_refusal_explained():
    treated, control = two_methods(4, gain=0.02)
    found = compare_over_blocks(treated, control)
    assert found.p is None
    assert found.refusal == (
        "no Wilcoxon test on 4 blocks: its smallest possible p is 0.12, above 0.05 whatever the data; "
        "6 blocks are needed"
    )
    differences = [np.mean(a) - np.mean(b) for a, b in zip(treated, control, strict=True)]
    variances = [np.var(a, ddof=1) / 4 + np.var(b, ddof=1) / 4 for a, b in zip(treated, control, strict=True)]
    low, high = combine_effects(np.array(differences), np.array(variances), use_t=True).conf_int()[3]
    assert (found.pooled.low, found.pooled.high) == pytest.approx((low, high), rel=1e-3)


def test_blocks_of_one_network_give_no_interval():
    found = compare_over_blocks([[0.5], [0.6, 0.61]], [[0.4], [0.5, 0.52]])
    assert found.blocks[0] is None
    assert found.blocks[1] is not None
    assert found.pooled is None
    with pytest.raises(InputError, match="blocks"):
        compare_over_blocks([[0.5]], [])


def test_equal_methods_over_blocks_seldom_differ():
    hits = [compare_over_blocks(*two_methods(8, k=3, seed=seed)).p <= 0.05 for seed in range(500)]
    assert np.mean(hits) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 500)


@pytest.mark.parametrize("seed", range(4))
def test_pairs_and_bars_are_those_of_scikit_posthocs(seed):
    import scikit_posthocs  # loads for seconds; only this test waits for it
    from scikit_posthocs._plotting import _find_maximal_cliques

    values = np.random.default_rng(seed).normal([0, 0.4, 0.8, 2.5, 3], 1, (14, 5))
    found = rank_over_blocks(values)
    frame = pd.DataFrame(values).melt(var_name="method", value_name="value")
    other = scikit_posthocs.posthoc_wilcoxon(frame, val_col="value", group_col="method", p_adjust="holm").to_numpy()
    assert found.p == pytest.approx(other)
    alike = pd.DataFrame(found.p > 0.05).astype(int)
    theirs = [sorted(np.argsort(np.argsort(found.ranks))[list(clique)]) for clique in _find_maximal_cliques(alike)]
    ours = [sorted(np.argsort(np.argsort(found.ranks))[list(bar)]) for bar in found.cliques]
    # a bar is a run of neighbours; their cliques may leave one out in between, and then no bar can be drawn
    assert [clique for clique in sorted(theirs) if np.ptp(clique) + 1 == len(clique)] == [
        bar for bar in ours if bar in theirs
    ]
    assert all(any(set(bar) <= set(clique) for clique in theirs) for bar in ours)


def test_methods_far_apart_have_bars_of_one():
    values = np.random.default_rng(0).normal([0, 10, 20], 1, (8, 3))
    found = rank_over_blocks(values)
    assert found.ranks == (3, 2, 1)
    assert found.cliques == ((2,), (1,), (0,))
    assert found.friedman < 1e-6
    assert rank_over_blocks(values, higher_is_better=False).cliques == ((0,), (1,), (2,))


def test_too_few_blocks_for_a_diagram():
    found = rank_over_blocks(np.random.default_rng(0).normal(size=(5, 3)))
    assert (found.p, found.cliques, found.friedman) == (None, None, None)
    assert found.refusal.startswith("no critical-difference diagram on 5 blocks: its smallest possible p is 0.062")
    assert len(found.ranks) == 3


def test_enough_blocks_for_a_diagram_but_not_for_its_pairs():
    found = rank_over_blocks(np.random.default_rng(0).normal([0, 10, 20, 30, 40], 1, (6, 5)))
    assert found.friedman < 1e-6
    assert found.p is None
    assert found.cliques == ((4, 3, 2, 1, 0),)
    assert found.refusal == (
        "no pairwise Wilcoxon test on 6 blocks with 10 pairs: its smallest possible p is 0.31, above 0.05 whatever "
        "the data; 9 blocks are needed"
    )


def test_family_wise_error_of_the_bars():
    rng, draws = np.random.default_rng(3), 500
    wrong = [len(rank_over_blocks(rng.normal(size=(10, 4))).cliques) > 1 for _ in range(draws)]
    assert np.mean(wrong) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)
