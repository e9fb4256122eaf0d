import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from robench.stats.all_pairs import games_howell
from robench.stats.welch import moments, pairwise

SAMPLE = st.lists(st.integers(0, 1000).map(lambda x: x / 1000), min_size=3, max_size=6, unique=True)


@settings(max_examples=15, deadline=None)  # scipy takes 5 ms a pair
@given(st.lists(SAMPLE, min_size=2, max_size=4))
def test_equals_scipy(groups):
    p, tested = games_howell(groups)
    expected = stats.tukey_hsd(*groups, equal_var=False).pvalue
    assert p[tested] == pytest.approx(expected[tested], rel=1e-5, abs=1e-11)
    assert tested.sum() == len(groups) * (len(groups) - 1)


def test_two_groups_are_welch():
    groups = [[0.5, 0.52, 0.51], [0.4, 0.43, 0.41, 0.44]]
    assert games_howell(groups)[0] == pytest.approx(pairwise(moments(groups))[0], rel=1e-5)


def test_groups_that_cannot_be_tested_leave_the_family():
    groups = [[0.5, 0.52, 0.51], [0.4, 0.43, 0.41, 0.44], [0.49, 0.5, 0.55]]
    p, tested = games_howell([*groups, [0.3, 0.31], [0.9]])
    assert np.array_equal(p[:3, :3], games_howell(groups)[0])
    assert not tested[3:].any()
    assert (p[3:] == 1).all()


@settings(deadline=None)
@given(
    st.lists(SAMPLE, min_size=2, max_size=4).flatmap(lambda g: st.tuples(st.just(g), st.permutations(range(len(g)))))
)
def test_permuting_the_groups_permutes_the_result(case):
    groups, order = case
    moved = games_howell([groups[place] for place in order])[0]
    assert moved == pytest.approx(games_howell(groups)[0][np.ix_(order, order)])
