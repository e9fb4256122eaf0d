import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from robench.errors import InputError
from robench.stats.rank_stability import leave_one_out_ranks, ranked, resampled_ranks

CLOSE = np.array([0.500, 0.502, 0.501, 0.499, 0.498])
BOARDS = st.integers(1, 8).flatmap(
    lambda rows: st.lists(st.lists(st.integers(0, 4), min_size=rows, max_size=rows), min_size=1, max_size=5)
)


@given(BOARDS)
def test_ranks_are_those_of_scipy(boards):
    scores = np.array(boards, dtype=float)
    assert np.array_equal(ranked(scores), stats.rankdata(-scores, method="min", axis=1))


def test_rows_far_apart_keep_their_ranks():
    result = resampled_ranks([CLOSE, CLOSE + 0.1, CLOSE - 0.1], np.random.default_rng(0))
    assert [(row.low, row.high, row.best) for row in result.rows] == [(2, 2, 0), (1, 1, 1), (3, 3, 0)]
    assert result.tau == 1
    turned = resampled_ranks([CLOSE, CLOSE + 0.1, CLOSE - 0.1], np.random.default_rng(0), higher_is_better=False)
    assert [row.low for row in turned.rows] == [2, 3, 1]


def test_equal_rows_share_the_first_place():
    result = resampled_ranks([CLOSE] * 4, np.random.default_rng(1), draws=4000)
    assert [row.best for row in result.rows] == pytest.approx([0.25] * 4, abs=0.03)
    assert sum(row.best for row in result.rows) == pytest.approx(1)
    assert {(row.low, row.high) for row in result.rows} == {(1, 4)}


def test_the_chance_to_be_best_is_that_of_all_resamples():
    a, b = [0.0, 1.0, 5.0], [0.5, 2.0, 3.0]
    pairs = [np.mean([x, y]) for x in a for y in a], [np.mean([x, y]) for x in b for y in b]
    wins = np.mean([(x > y) + 0.5 * (x == y) for x in pairs[0] for y in pairs[1]])
    assert resampled_ranks([a, b], np.random.default_rng(2), draws=20000).rows[0].best == pytest.approx(wins, abs=0.012)


def test_tau_is_that_of_scipy():
    groups = [np.random.default_rng(row).normal(row * 0.3, 1, 2) for row in range(6)]
    full = [group.mean() for group in groups]
    result = resampled_ranks(groups, np.random.default_rng(3), draws=300)
    generator = np.random.default_rng(3)  # of two networks one is drawn: its value is the mean
    drawn = np.stack([group[generator.integers(2, size=(300, 1))][:, 0] for group in groups], axis=1)
    assert result.tau == pytest.approx(np.mean([stats.kendalltau(row, full).statistic for row in drawn]))


@pytest.mark.parametrize(("k", "least"), [(3, 0.92), (5, 0.95), (10, 0.95)])
def test_the_interval_holds_the_true_rank(k, least):
    rng, held = np.random.default_rng(k), []
    for _ in range(100):
        groups = rng.normal(-0.5 * np.arange(6)[:, None], 1, (6, k))
        rows = resampled_ranks(list(groups), rng, draws=200).rows
        held += [row.low <= place <= row.high for place, row in enumerate(rows, 1)]
    assert np.mean(held) >= least


def test_two_equal_rows_of_three_networks_are_seldom_held_certain():
    rng = np.random.default_rng(4)
    rows = [resampled_ranks(rng.normal(0, 1, (2, 3)), rng, draws=200).rows[0] for _ in range(300)]
    assert np.mean([row.low == row.high for row in rows]) < 0.18  # the percentile bootstrap's error in the handbook


def test_one_network_has_no_interval():
    result = resampled_ranks([CLOSE, [0.9]], np.random.default_rng(0))
    assert result.rows[1] is None
    assert result.rows[0].best == 0
    assert resampled_ranks([], np.random.default_rng(0)).rows == ()
    assert resampled_ranks([CLOSE], np.random.default_rng(0)).tau is None


def test_the_same_generator_gives_the_same_result():
    groups = [CLOSE, CLOSE + 0.001, CLOSE - 0.002]
    one, other = (resampled_ranks(groups, np.random.default_rng(9)) for _ in range(2))
    assert one == other


def test_leaving_out_the_one_corruption_that_decides():
    a, b = [[0.5, 0.5, 0.9]], [[0.6, 0.6, 0.6]]  # a leads by the third corruption only
    assert leave_one_out_ranks([a, b]) == ((1, 2), (1, 2))
    assert leave_one_out_ranks([a, [[0.4, 0.4, 0.8]]]) == ((1, 1), (2, 2))
    assert leave_one_out_ranks([a, [[0.4, 0.4, 0.8]]], higher_is_better=False) == ((2, 2), (1, 1))
    assert leave_one_out_ranks([]) == ()


@given(
    st.lists(
        st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=3), min_size=1, max_size=5
    )
)
def test_leave_one_out_is_the_ranking_without_each(groups):
    boards = [[np.delete(np.array(group, float), c, axis=1).mean(axis=1).mean() for group in groups] for c in range(3)]
    ranks = stats.rankdata(-np.round(boards, 12), method="min", axis=1)
    assert leave_one_out_ranks(groups) == tuple(zip(ranks.min(axis=0), ranks.max(axis=0), strict=True))


@pytest.mark.parametrize("groups", [[[[0.1], [0.2]]], [[[0.1, 0.2]], [[0.1, 0.2, 0.3]]]])
def test_refuses_too_few_or_unequal_corruptions(groups):
    with pytest.raises(InputError, match="corruptions"):
        leave_one_out_ranks(groups)
