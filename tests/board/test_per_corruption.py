"""Differences on single corruptions: numbers of scipy, one family, and the label."""

import numpy as np
import pytest
from rich.cells import cell_len
from scipy import stats

from robench.board.per_corruption import per_corruption
from robench.report.per_corruption import render
from robench.runs.result import result_of
from tests.helpers.records import build, make_record

CORRUPTIONS = ("gaussian_noise", "fog", "snow")


def network(method, seed, accuracies):
    """A record with these accuracies by corruption, one severity above and one below each."""
    record = make_record(method, seed, float(np.mean(accuracies)), corruptions=CORRUPTIONS)
    errors = [1 - a + shift for a in accuracies for shift in (-0.01, 0.01)]
    cells = tuple(c.model_copy(update={"error": e}) for c, e in zip(record.metrics.cells, errors, strict=True))
    return record.model_copy(update={"metrics": record.metrics.model_copy(update={"cells": cells})})


def study():
    rng = np.random.default_rng(0)
    values = {
        "dense": rng.normal([0.60, 0.50, 0.40], 0.01, (5, 3)),
        "set": rng.normal([0.70, 0.50, 0.41], 0.01, (5, 3)),
        "rigl": rng.normal([0.60, 0.40, 0.40], 0.01, (4, 3)),
        "mest": rng.normal([0.60, 0.40, 0.40], 0.01, (2, 3)),
    }
    return values, [network(m, seed, row) for m, rows in values.items() for seed, row in enumerate(rows)]


def test_the_grid_agrees_with_scipy_over_one_family():
    values, records = study()
    (grid,) = per_corruption(build(records), map(result_of, records))
    lines = {line.method: line for line in grid.lines}
    assert set(lines) == {"set", "rigl", "mest"}
    raw = [stats.ttest_ind(values[m], values["dense"], equal_var=False).pvalue for m in ("set", "rigl")]
    adjusted = stats.false_discovery_control(np.ravel(raw), method="by")
    assert [*lines["set"].p, *lines["rigl"].p] == pytest.approx(adjusted)
    assert lines["mest"].p == (None, None, None)
    assert grid.tests == 6
    for name, line in lines.items():
        gap = values[name].mean(axis=0) - values["dense"].mean(axis=0)
        assert line.differences == pytest.approx(gap)
        assert line.ahead == np.count_nonzero(gap > 0)


def test_the_text_is_labelled_and_fits():
    _, records = study()
    text = render(per_corruption(build(records), map(result_of, records)))
    assert text.startswith("exploratory: digits-c · cnn-small")
    assert max(map(cell_len, text.splitlines())) <= 100
    assert "Benjamini-Yekutieli over the 6 tests" in " ".join(text.split())
    assert "(–)" in text


def test_without_a_baseline_there_is_no_grid():
    _, records = study()
    alone = [record for record in records if record.spec.method.name == "set"]
    assert per_corruption(build(alone), map(result_of, alone)) == []
