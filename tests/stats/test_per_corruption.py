import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from robench.errors import InputError
from robench.stats.multiplicity import benjamini_yekutieli
from robench.stats.per_corruption import LABEL, corruption_grid

PS = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@given(PS)
def test_equals_scipy(p):
    assert benjamini_yekutieli(p) == pytest.approx(stats.false_discovery_control(p, method="by"))


@given(PS.flatmap(lambda p: st.tuples(st.just(p), st.permutations(range(len(p))))))
def test_permuting_the_tests_permutes_the_result(case):
    p, order = case
    assert benjamini_yekutieli([p[i] for i in order]) == pytest.approx(benjamini_yekutieli(p)[list(order)])


def test_the_grid_is_a_test_for_each_corruption_of_each_pair():
    rng = np.random.default_rng(0)
    control = rng.normal([0.5, 0.5, 0.4], 0.01, (4, 3))
    pairs = [(rng.normal([0.6, 0.5, 0.4], 0.01, (networks, 3)), control) for networks in (5, 3)]
    found = corruption_grid(pairs)
    raw = np.array([stats.ttest_ind(treated, control, equal_var=False).pvalue for treated, _ in pairs])
    assert found.p.ravel() == pytest.approx(stats.false_discovery_control(raw.ravel(), method="by"))
    assert found.difference == pytest.approx(np.array([one.mean(axis=0) - other.mean(axis=0) for one, other in pairs]))
    assert found.label == LABEL == "exploratory"
    assert corruption_grid([]).p.size == 0


def test_corruptions_without_spread_leave_the_family():
    rng = np.random.default_rng(1)
    treated, control = rng.normal(0.5, 0.01, (3, 3)), rng.normal(0.5, 0.01, (3, 3))
    treated[:, 1] = control[:, 1] = 0.1
    found = corruption_grid([(treated, control), (treated[:2], control)])
    assert np.isnan(found.p).tolist() == [[False, True, False], [True] * 3]
    assert found.p[0, [0, 2]] == pytest.approx(corruption_grid([(treated[:, [0, 2]], control[:, [0, 2]])]).p[0])


def test_false_discoveries_among_corruptions_that_move_together():
    rng, draws = np.random.default_rng(2), 400
    shape = (draws, 5, 15)
    treated, control = (rng.normal(0, 1, shape) + 2 * rng.normal(0, 1, (draws, 5, 1)) for _ in range(2))
    wrong = np.mean([(corruption_grid([pair]).p <= 0.05).any() for pair in zip(treated, control, strict=True)])
    assert wrong <= 0.05


def test_refuses_other_shapes():
    for other in (np.zeros((3, 5)), np.zeros(3)):
        with pytest.raises(InputError, match="corruptions"):
            corruption_grid([(np.zeros((3, 4)), other)])
