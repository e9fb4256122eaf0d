import numpy as np
import pytest
from alexnet import CELLS, CLEAN_ERROR, COLUMN, ERRORS, MEANS, RESNET50, TABLE
from hypothesis import given
from hypothesis import strategies as st

from robench.errors import InputError
from robench.metrics.corruption_error import (
    corruption_errors,
    mce_name,
    mean_corruption_error,
    reference_errors,
    relative_corruption_errors,
    relative_mean_corruption_error,
)

ERROR = st.floats(0, 1)


def test_the_reference_network_scores_exactly_one():
    assert mean_corruption_error(COLUMN, CELLS, TABLE) == 1.0
    assert relative_mean_corruption_error(COLUMN, CLEAN_ERROR, CELLS, TABLE) == 1.0


def test_the_unnormalised_errors_are_the_published_means():
    assert corruption_errors(COLUMN, CELLS) == pytest.approx(MEANS, abs=1e-9)


@pytest.mark.parametrize("name", RESNET50)
def test_resnet50_reproduces_its_published_corruption_error(name):
    accuracy, expected = RESNET50[name]
    cells = [(name, severity) for severity in range(1, 6)]
    ce = corruption_errors([1 - accuracy / 100] * 5, cells, TABLE)[name]
    # the published accuracies are rounded to 0.01 points, which moves CE by up to 0.005 / 0.565
    assert 100 * ce == pytest.approx(expected, abs=0.015)


def test_ce_is_a_ratio_of_sums():
    table = {"fog": (0.1, 0.5), "clean": (0.05,)}
    cells = [("fog", 1), ("fog", 2)]
    assert corruption_errors([0.2, 0.4], cells, table) == {"fog": pytest.approx(0.6 / 0.6)}
    assert relative_corruption_errors([0.2, 0.4], 0.1, cells, table) == {"fog": pytest.approx(0.4 / 0.5)}


def test_only_the_severities_present_enter_the_reference_sum():
    table = {"fog": (0.1, 0.5, 0.8), "clean": (0.05,)}
    assert corruption_errors([0.4], [("fog", 3)], table) == {"fog": pytest.approx(0.5)}


def test_every_corruption_weighs_the_same_whatever_its_severities():
    cells = [("fog", 1), ("snow", 1), ("snow", 2), ("snow", 3)]
    assert mean_corruption_error([0.2, 0.6, 0.6, 0.6], cells) == pytest.approx(0.4)
    assert relative_mean_corruption_error([0.2, 0.6, 0.6, 0.6], 0.1, cells) == pytest.approx(0.3)


@given(st.lists(ERROR, min_size=75, max_size=75), st.randoms())
def test_the_order_of_cells_does_not_matter(errors, random):
    order = list(range(75))
    random.shuffle(order)
    shuffled = [errors[i] for i in order], [CELLS[i] for i in order]
    assert mean_corruption_error(*shuffled, TABLE) == pytest.approx(mean_corruption_error(errors, CELLS, TABLE))


@given(st.lists(ERROR, min_size=75, max_size=75), st.floats(0.1, 1))
def test_mce_scales_with_the_errors(errors, factor):
    scaled = mean_corruption_error(np.array(errors) * factor, CELLS, TABLE)
    assert scaled == pytest.approx(factor * mean_corruption_error(errors, CELLS, TABLE))


def test_gaps_in_the_reference_table_are_named():
    with pytest.raises(InputError, match="speckle_noise 1, fog 6"):
        reference_errors([("speckle_noise", 1), ("fog", 6), ("fog", 5)], TABLE)
    with pytest.raises(InputError, match="no clean error"):
        reference_errors(CELLS, ERRORS)


def test_a_reference_network_without_loss_is_refused():
    with pytest.raises(InputError, match="loses nothing on fog"):
        mean_corruption_error([0.2], [("fog", 1)], {"fog": (0.0,), "clean": (0.0,)})
    with pytest.raises(InputError, match="loses nothing on fog"):
        relative_mean_corruption_error([0.2], 0.1, [("fog", 1)], {"fog": (0.1,), "clean": (0.1,)})


@pytest.mark.parametrize("cells", [[], [("fog", 1), ("fog", 1)], [("fog", 1)]])
def test_cells_that_do_not_match_the_errors_are_refused(cells):
    with pytest.raises(InputError, match="cells"):
        corruption_errors([0.1, 0.2], cells)


def test_the_two_kinds_of_mce_have_two_names():
    assert mce_name(None) == "unnormalised mean corruption error"
    assert mce_name(TABLE) != mce_name(None)
