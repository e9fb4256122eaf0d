import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robench.errors import InputError
from robench.metrics.corruption_error import (
    corruption_errors,
    covered,
    mean_corruption_error,
    reference_errors,
    relative_corruption_errors,
    relative_mean_corruption_error,
)
from robench.metrics.robustness import summarize
from robench.runs.record import mce_name
from robench_suites import alexnet
from tests.helpers.alexnet import (
    CELLS,
    CLEAN_ERROR,
    CLEAN_ERROR_3DCC,
    COLUMN,
    ERRORS,
    MEANS,
    MEANS_3DCC,
    RESNET50,
    TABLE,
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


def test_the_tables_of_the_suites_are_those_published():
    assert alexnet.IMAGENET_C == {**ERRORS, "clean": CLEAN_ERROR}
    assert {**MEANS_3DCC, "clean": pytest.approx(CLEAN_ERROR_3DCC)} == alexnet.IMAGENET_3DCC


@pytest.mark.parametrize("table", [alexnet.IMAGENET_C, alexnet.IMAGENET_3DCC], ids=["imagenet-c", "imagenet-3dcc"])
def test_alexnet_itself_scores_exactly_100(table):
    cells = [(name, severity) for name in table if name != "clean" for severity in range(1, 6)]
    column = reference_errors(cells, table)
    assert 100 * mean_corruption_error(column, cells, table) == 100
    assert 100 * relative_mean_corruption_error(column, table["clean"], cells, table) == 100


def test_a_mean_serves_as_well_as_its_parts():
    parts = {"fog": (0.2, 0.3, 0.4, 0.5, 0.6), "clean": (0.1,)}
    mean = {"fog": 0.4, "clean": 0.1}
    cells, errors = [("fog", severity) for severity in range(1, 6)], [0.1, 0.4, 0.2, 0.9, 0.3]
    for table in (parts, mean):
        assert corruption_errors(errors, cells, table) == {"fog": pytest.approx(1.9 / 2.0)}
        assert relative_corruption_errors(errors, 0.05, cells, table) == {"fog": pytest.approx(1.65 / 1.5)}


def test_a_mean_over_severities_says_nothing_of_some_of_them():
    with pytest.raises(InputError, match=r"only the mean over severities 1 to 5 is known for fog; ask for all five"):
        reference_errors([("fog", 1), ("fog", 5)], {"fog": 0.4, "clean": 0.1})


def test_extra_corruptions_count_for_accuracy_and_not_for_mce():
    cells = [("fog", 1), ("spatter", 1)]
    assert covered(cells, {"fog": (0.5,), "clean": (0.1,)}) == [0]
    assert covered(cells, None) == [0, 1]
    clean, correct = np.ones(4, bool), np.array([[True, True, True, False], [False] * 4])
    metrics = summarize(clean, correct, cells, {"fog": (0.5,), "clean": (0.1,)})
    assert metrics.mce == pytest.approx(0.25 / 0.5)
    assert metrics.relative_mce == pytest.approx(0.25 / 0.4)
    assert metrics.robust_accuracy == pytest.approx((0.75 + 0.0) / 2)
    alone = summarize(clean, correct[1:], cells[1:], {"fog": (0.5,), "clean": (0.1,)})
    assert (alone.mce, alone.relative_mce) == (1.0, 1.0)  # nothing to divide by: the mean error, and its rise above 0
