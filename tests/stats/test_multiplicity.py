import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from robench.stats.multiplicity import holm
from robench.stats.welch import welch

PS = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@settings(max_examples=10, deadline=None)  # statsmodels collects garbage at each call
@given(PS)
def test_equals_statsmodels(p):
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


@given(PS)
def test_never_smaller_than_the_raw_p_and_never_above_one(p):
    adjusted = holm(p)
    assert (adjusted >= np.array(p)).all()
    assert (adjusted <= 1).all()


@given(PS)
def test_keeps_the_order(p):
    assert (np.diff(holm(p)[np.argsort(p, kind="stable")]) >= 0).all()


@given(PS.flatmap(lambda p: st.tuples(st.just(p), st.permutations(range(len(p))))))
def test_permuting_the_tests_permutes_the_result(case):
    p, order = case
    assert np.array_equal(holm([p[i] for i in order]), holm(p)[list(order)])


def test_a_hand_computed_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]).size == 0


@pytest.mark.parametrize("k", [3, 5])
def test_family_wise_error_of_four_methods_against_one_baseline(k):
    draws, rng = 1500, np.random.default_rng(k)
    boards = rng.normal(0.6, 0.0051, (draws, 5, k))
    raw = [[welch(row, board[0]).p for row in board[1:]] for board in boards]
    wrong = np.mean([holm(p).min() <= 0.05 for p in raw])
    uncorrected = np.mean([min(p) <= 0.05 for p in raw])
    assert wrong <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / draws)
    assert uncorrected > 0.09  # the reason for the correction: .118 and .135 in the protocol's table
