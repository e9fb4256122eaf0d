"""Calibration of a board from its own networks; the simulation itself is tested under tests/stats."""

import numpy as np
import pytest
from rich.cells import cell_len

from robench.board.calibration import DIFFERENCES, calibrations
from robench.report.calibration import render
from robench.runs.result import result_of
from robench.stats.effect import networks_needed
from tests.helpers.records import build, make_record


def scattered(seed_sd, cell_sd, methods=("dense", "set", "rigl"), networks=5):
    """Records whose cells scatter as given, in fractions."""
    rng = np.random.default_rng(0)
    records = []
    for method in methods:
        for seed in range(networks):
            errors = 0.4 + rng.normal(0, seed_sd) + rng.normal(0, cell_sd, 4)
            record = make_record(method, seed, float(1 - errors.mean()))
            cells = [cell.model_copy(update={"error": e}) for cell, e in zip(record.metrics.cells, errors, strict=True)]
            metrics = record.metrics.model_copy(update={"cells": tuple(cells)})
            records.append(record.model_copy(update={"metrics": metrics}))
    return records


def calibrated(records, simulated=300):
    return calibrations(build(records), map(result_of, records), simulated)


def test_the_scatter_of_the_networks_is_found_again():
    (found,) = calibrated(scattered(0.004, 0.001, networks=60), simulated=2)
    assert found.components.seed == pytest.approx(0.004, rel=0.2)
    assert found.components.cell == pytest.approx(0.001, rel=0.2)
    assert (found.components.corruptions, found.components.severities) == (2, 2)


def test_rates_and_networks_needed():
    records = scattered(0.004, 0.001)
    (found,) = calibrated(records)
    assert found.rates.networks == (5, 5, 5)
    assert found.rates.comparison < 0.05 + 2 * found.rates.error
    assert found.rates.familywise < 0.05 + 2 * found.rates.error
    assert found.rates.cells > 0.2
    rounds = {one.difference: one.networks for one in found.needed if not one.row}
    sd = found.components.endpoint
    assert rounds == {difference: networks_needed(sd, difference) for difference in DIFFERENCES}
    (board,) = build(records)
    means = {row.label: row.robust_accuracy.mean for row in board.rows}
    told = {one.row: one.difference for one in found.needed if one.row}
    assert told == {f"{name} 0.5": pytest.approx(means[name] - means["dense"]) for name in ("set", "rigl")}
    assert calibrated(records) == [found]


@pytest.mark.parametrize("networks", [1, 2])
def test_too_few_networks_are_refused_in_words(networks):
    (found,) = calibrated(scattered(0.004, 0.003, networks=networks))
    assert (found.rates, found.needed) == (None, ())
    assert found.refusal
    assert "Not calibrated: " in render([found])


def test_the_text_says_nominal_and_simulated():
    text = render(calibrated(scattered(0.004, 0.003)))
    assert max(map(cell_len, text.splitlines())) <= 100
    for fact in ("300 simulated boards", "nominal", "Holm", "not valid", "networks a row for power 0.8", "seed 0."):
        assert fact in text
