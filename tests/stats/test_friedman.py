import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from robench.errors import InputError
from robench.stats.rank_tests import friedman

BLOCKS = st.integers(3, 5).flatmap(
    lambda methods: st.lists(st.lists(st.integers(0, 5), min_size=methods, max_size=methods), min_size=2, max_size=9)
)


@given(BLOCKS.filter(lambda rows: any(len(set(row)) > 1 for row in rows)))
def test_the_statistic_is_scipys_with_ties(rows):
    assert friedman(rows).chi2 == pytest.approx(stats.friedmanchisquare(*np.array(rows).T).statistic)


def test_a_table_computed_by_hand():
    # 4 blocks, 3 methods, no ties; rank sums 4 + 1, 8, 11 -> chi2 = 12 / (4 * 3 * 4) * (25 + 64 + 121) - 3 * 4 * 4
    values = [[9, 8, 7], [9, 8, 7], [9, 8, 7], [8, 9, 7]]
    found = friedman(values)
    assert found.ranks == (1.25, 1.75, 3.0)
    assert found.chi2 == pytest.approx(12 / 48 * (25 + 49 + 144) - 48)
    f = 3 * found.chi2 / (8 - found.chi2)
    assert found.p == pytest.approx(stats.f.sf(f, 2, 6))


def test_lower_can_be_better_and_order_of_blocks_does_not_matter():
    values = np.random.default_rng(0).normal(size=(7, 4))
    assert friedman(values, higher_is_better=False) == friedman(-values)
    assert friedman(values[::-1]) == friedman(values)


def test_unanimous_and_undecided_blocks():
    assert friedman([[3, 2, 1]] * 6).p == 0
    assert friedman([[1, 1, 1]] * 6).p == 1


def test_mean_ranks_are_those_of_autorank():
    from autorank import autorank  # loads for seconds; only this test waits for it

    values = np.random.default_rng(1).normal([0, 0.3, 0.6, 1.5], 1, (12, 4))
    frame = pd.DataFrame(values, columns=list("abcd"))
    other = autorank(frame, force_mode="nonparametric")
    found = friedman(values)
    assert list(found.ranks) == pytest.approx([other.rankdf.loc[name, "meanrank"] for name in "abcd"])
    assert stats.chi2.sf(found.chi2, 3) == pytest.approx(other.pvalue)


def test_equal_methods_seldom_differ():
    rng, draws = np.random.default_rng(2), 2000
    wrong = np.mean([friedman(rng.normal(size=(8, 4))).p <= 0.05 for _ in range(draws)])
    assert abs(wrong - 0.05) <= 0.015


@pytest.mark.parametrize("shape", [(1, 3), (3, 1), (3,)])
def test_refuses_too_little(shape):
    with pytest.raises(InputError, match="blocks"):
        friedman(np.zeros(shape))
