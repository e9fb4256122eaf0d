import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from robench.errors import InputError
from robench.stats.variance_components import variance_components


def networks(rng, k, corruptions=15, severities=5, seed=0.004, interaction=0.012, cell=0.003):
    return (
        rng.normal(0, seed, (k, 1, 1))
        + rng.normal(0, interaction, (k, corruptions, 1))
        + rng.normal(0, cell, (k, corruptions, severities))
    )


def test_equals_the_mean_squares_of_statsmodels():
    row = networks(np.random.default_rng(0), 4, 3, 2, seed=0.05)
    frame = pd.DataFrame([(s, c, v, row[s, c, v]) for s, c, v in np.ndindex(*row.shape)], columns=["s", "c", "v", "y"])
    table = anova_lm(ols("y ~ C(c):C(v) + C(s) + C(s):C(c)", frame).fit())["mean_sq"]
    cell, interaction, seed = table["Residual"], table["C(s):C(c)"], table["C(s)"]
    found = variance_components([row])
    assert found.cell == pytest.approx(np.sqrt(cell))
    assert found.interaction == pytest.approx(np.sqrt((interaction - cell) / 2))
    assert found.seed == pytest.approx(np.sqrt((seed - interaction) / 6))


def test_finds_the_truth_in_many_networks():
    rng = np.random.default_rng(1)
    rows = [networks(rng, 200) + rng.normal(0.5, 0.1, (15, 5)) for _ in range(6)]  # rows and cells differ at will
    found = variance_components(rows)
    assert (found.seed, found.interaction, found.cell) == pytest.approx((0.004, 0.012, 0.003), rel=0.1)
    assert found.degrees == 6 * 199
    # the handbook's seed-level standard deviation of these components: 0.51 points
    assert found.endpoint == pytest.approx(0.0051, rel=0.06)


def test_the_endpoint_varies_as_the_means_of_the_networks():
    row = networks(np.random.default_rng(2), 5, seed=0.05)
    assert variance_components([row]).endpoint == pytest.approx(row.mean(axis=(1, 2)).std(ddof=1))


def test_scale_and_shift():
    row = networks(np.random.default_rng(3), 5, seed=0.05)
    plain, scaled = variance_components([row]), variance_components([100 * row + 3])
    assert (scaled.seed, scaled.interaction, scaled.cell) == pytest.approx(
        (100 * plain.seed, 100 * plain.interaction, 100 * plain.cell)
    )


def test_what_cannot_be_told_apart_goes_to_the_coarser_part():
    row = networks(np.random.default_rng(4), 6, seed=0.05)
    one_severity = variance_components([row[:, :, :1]])
    assert one_severity.cell == 0 < one_severity.interaction
    one_cell = variance_components([row[:, :1, :1]])
    assert (one_cell.interaction, one_cell.cell) == (0, 0)
    assert one_cell.seed == pytest.approx(row[:, 0, 0].std(ddof=1))


def test_rows_of_one_network_add_nothing():
    row = networks(np.random.default_rng(5), 4)
    assert variance_components([row, row[:1]]) == variance_components([row])


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "cells of shape none"),
        ([np.zeros((1, 3, 2))], "one network"),
        ([np.zeros((2, 3, 2)), np.zeros((2, 2, 3))], "cells of shape"),
        ([np.zeros((2, 3))], "cells of shape"),
    ],
)
def test_refuses_what_says_nothing(rows, reason):
    with pytest.raises(InputError, match=reason):
        variance_components(rows)
