import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robench.stats.all_pairs import all_pairs
from robench.stats.ranking import standings

GROUP = st.lists(st.integers(0, 60).map(lambda x: x / 100), min_size=1, max_size=5)
CLOSE = [0.500, 0.502, 0.501, 0.499, 0.498]


def shifted(delta):
    return [value + delta for value in CLOSE]


def test_clear_differences_give_clear_ranks():
    result = standings([shifted(0.1), CLOSE, shifted(0.2)])
    assert [(s.rank, s.low, s.high, s.group) for s in result] == [(2, 2, 2, "b"), (3, 3, 3, "c"), (1, 1, 1, "a")]


def test_lower_can_be_better():
    result = standings([shifted(0.1), CLOSE, shifted(0.2)], higher_is_better=False)
    assert [s.rank for s in result] == [2, 1, 3]


def test_rows_that_are_not_separable_share_a_rank():
    result = standings([CLOSE, shifted(0.0002), shifted(-0.1)])
    assert [(s.rank, s.low, s.high, s.group) for s in result] == [(1, 1, 2, "a"), (1, 1, 2, "a"), (3, 3, 3, "b")]


def test_a_row_between_two_separable_ones_belongs_to_both_groups():
    result = standings([shifted(0.0035), shifted(0.0018), CLOSE])
    assert [s.group for s in result] == ["a", "ab", "b"]
    assert [(s.rank, s.low, s.high) for s in result] == [(1, 1, 2), (1, 1, 3), (2, 2, 3)]


def test_rows_that_are_not_neighbours_share_a_letter_too():
    steady, tight = [0.70, 0.701, 0.699, 0.7005, 0.6995], [0.66, 0.661, 0.659, 0.6605, 0.6595]
    wild = [0.40, 0.90, 0.55, 0.80, 0.60]  # last by mean, separable from neither
    result = standings([steady, tight, wild])
    assert [s.rank for s in result] == [1, 2, 1]
    assert [s.group for s in result] == ["a", "b", "ab"]


def test_two_networks_separate_nothing():
    result = standings([[0.9, 0.901], [0.1, 0.101], [0.5]])
    assert {(s.rank, s.low, s.high, s.group) for s in result} == {(1, 1, 3, "a")}
    assert standings([]) == []


@given(st.lists(GROUP, min_size=1, max_size=7))
def test_ranks_hold_together(groups):
    result = standings(groups)
    assert min(s.rank for s in result) == 1
    for s in result:
        assert 1 <= s.low == s.rank <= s.high <= len(groups)
        assert s.group
    means = [np.mean(group) for group in groups]
    for one, mean in zip(result, means, strict=True):
        for other, least in zip(result, means, strict=True):
            if set(one.group) & set(other.group):  # not separable: each stands inside the other's interval
                assert one.low <= other.high
            if one.high < other.low:
                assert mean > least


@given(st.lists(GROUP, min_size=1, max_size=7))
def test_two_rows_share_a_letter_exactly_where_no_test_tells_them_apart(groups):
    result, apart = standings(groups), all_pairs(groups).p <= 0.05
    for i, one in enumerate(result):
        for j, other in enumerate(result):
            assert bool(set(one.group) & set(other.group)) != (i != j and apart[i, j])


@given(st.lists(GROUP, min_size=2, max_size=6).flatmap(lambda g: st.tuples(st.just(g), st.permutations(range(len(g))))))
def test_permuting_the_rows_permutes_the_ranks(case):
    groups, order = case
    plain, moved = standings(groups), standings([groups[i] for i in order])
    assert [(s.rank, s.low, s.high) for s in moved] == [(plain[i].rank, plain[i].low, plain[i].high) for i in order]


@pytest.mark.parametrize("k", [3, 5])
def test_equal_methods_are_seldom_ranked_apart(k):
    draws, rng = 1500, np.random.default_rng(k)
    boards = rng.normal(0.6, 0.0051, (draws, 5, k))
    wrong = np.mean([any(s.rank > 1 for s in standings(list(board))) for board in boards])
    assert wrong <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / draws)
