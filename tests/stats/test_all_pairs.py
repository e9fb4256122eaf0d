import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from robench.stats.all_pairs import GAMES_HOWELL, HOLM_WELCH, all_pairs


def boards(rows, networks):
    sample = st.lists(st.integers(0, 1000).map(lambda x: x / 1000), min_size=networks, max_size=networks, unique=True)
    return st.lists(sample, min_size=rows, max_size=rows)


@settings(max_examples=6, deadline=None)
@given(boards(3, 4))
def test_few_groups_are_compared_by_games_howell(groups):
    result = all_pairs(groups)
    assert result.procedure == GAMES_HOWELL
    expected = stats.tukey_hsd(*groups, equal_var=False).pvalue
    assert result.p[result.tested] == pytest.approx(expected[result.tested], rel=1e-5, abs=1e-11)


@settings(max_examples=6, deadline=None)
@given(boards(5, 4))
def test_more_groups_than_networks_are_compared_by_holm(groups):
    result = all_pairs(groups)
    assert result.procedure == HOLM_WELCH
    pairs = np.triu_indices(5, 1)
    raw = [stats.ttest_ind(groups[i], groups[j], equal_var=False).pvalue for i, j in zip(*pairs, strict=True)]
    assert result.p[pairs] == pytest.approx(multipletests(raw, method="holm")[1])
    assert np.array_equal(result.p, result.p.T)


def test_groups_too_small_to_test_do_not_count():
    groups = [[0.5, 0.52, 0.51], [0.4, 0.43, 0.41], [0.49, 0.5, 0.55]]
    plain, more = all_pairs(groups), all_pairs([*groups, [0.3], [0.2, 0.3]])
    assert (plain.procedure, more.procedure) == (GAMES_HOWELL, GAMES_HOWELL)
    assert np.array_equal(more.p[:3, :3], plain.p)
    assert (more.p[3:] == 1).all()
    assert all_pairs([[0.3], [0.4]]).p.tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    ("rows", "networks", "sd"),
    [(3, 3, (1, 1, 1)), (5, 5, (1, 1, 1, 1, 1)), (5, 5, (0.2, 1, 1, 1, 1)), (5, 3, (0.2, 1, 1, 1, 1))],
)
def test_family_wise_error(rows, networks, sd):
    draws, rng = 1500, np.random.default_rng(rows)
    values = rng.normal(0, 1, (draws, rows, networks)) * np.array(sd)[:, None]
    wrong = np.mean([all_pairs(list(board)).p.min() <= 0.05 for board in values])
    assert wrong <= 0.065 + 3 * math.sqrt(0.065 * 0.935 / draws)
