import math

import numpy as np
import pytest
from scipy import stats

from robench.errors import InputError
from robench.stats.calibration import calibrate, simulate
from robench.stats.variance_components import Components

HANDBOOK = Components(seed=0.004, interaction=0.012, cell=0.003, corruptions=15, severities=5, degrees=8)
BOARDS = 400


@pytest.fixture(scope="module", params=[3, 5, 10])
def found(request):
    return calibrate(HANDBOOK, [request.param] * 5, np.random.default_rng(request.param), margin=0.005, boards=BOARDS)


def allowed(rate):
    return 3 * math.sqrt(rate * (1 - rate) / BOARDS)


def test_no_valid_test_errs_more_often_than_it_says(found):
    for rate in (found.comparison, found.familywise, found.standings, found.noninferior):
        assert rate <= 0.065 + allowed(0.065)


def test_the_measured_rates_of_the_handbook(found):
    k = found.networks[0]
    assert found.comparison == pytest.approx({3: 0.034, 5: 0.040, 10: 0.048}[k], abs=allowed(0.05))
    if k < 10:
        assert found.familywise == pytest.approx(0.025, abs=allowed(0.025))
    assert found.cells == pytest.approx({3: 0.561, 5: 0.563, 10: 0.579}[k], abs=allowed(0.56))


def test_power_at_the_detectable_difference(found):
    k = found.networks[0]
    in_sd = found.difference / HANDBOOK.endpoint
    assert in_sd == pytest.approx({3: 3.07, 5: 2.02, 10: 1.32}[k], abs=0.006)  # the handbook's table
    # Welch's degrees are estimated, which costs power at three networks: these are scipy's shares in 20,000 draws
    assert found.power == pytest.approx({3: 0.696, 5: 0.778, 10: 0.795}[k], abs=allowed(0.75))


def test_an_equal_method_passes_for_non_inferior_as_often_as_the_t_distribution_says(found):
    k = found.networks[0]
    if k == 10:
        degrees, shift = 18, 0.005 / (HANDBOOK.endpoint * math.sqrt(2 / k))
        expected = stats.nct.sf(stats.t.isf(0.05, degrees), degrees, shift)
        assert found.noninferior_power == pytest.approx(expected, abs=allowed(0.7))


def test_simulated_values_have_the_components():
    (row,) = simulate(HANDBOOK, [4], np.random.default_rng(0), 500)
    assert row.shape == (500, 4, 15, 5)
    assert row.mean(axis=(2, 3)).std() == pytest.approx(HANDBOOK.endpoint, rel=0.05)
    within = row - row.mean(axis=3, keepdims=True)
    assert np.sqrt((within**2).sum() / (500 * 4 * 15 * 4)) == pytest.approx(0.003, rel=0.02)


def test_the_same_generator_gives_the_same_result_and_the_unit_does_not_matter():
    percent = Components(0.4, 1.2, 0.3, 15, 5, 8)
    one = calibrate(HANDBOOK, [3, 4], np.random.default_rng(1), margin=0.005, boards=60)
    other = calibrate(percent, [3, 4], np.random.default_rng(1), margin=0.5, boards=60)
    assert (one.comparison, one.noninferior, one.power) == (other.comparison, other.noninferior, other.power)
    assert other.difference == pytest.approx(100 * one.difference)


def test_one_cell_has_no_test_over_cells():
    single = Components(0.005, 0, 0, 1, 1, 4)
    result = calibrate(single, [3, 3], np.random.default_rng(0), margin=0.005, difference=0.1, boards=50)
    assert result.cells is None
    assert result.power == 1
    assert result.error == pytest.approx(1.96 * math.sqrt(0.05 * 0.95 / 50))


@pytest.mark.parametrize(
    ("components", "networks"), [(HANDBOOK, [5]), (HANDBOOK, [5, 2]), (Components(0, 0, 0, 2, 2, 1), [5, 5])]
)
def test_refuses_what_cannot_be_tested(components, networks):
    with pytest.raises(InputError, match="cannot calibrate"):
        calibrate(components, networks, np.random.default_rng(0), margin=0.005)
