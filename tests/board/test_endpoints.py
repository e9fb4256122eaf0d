"""Endpoints: one table of metrics, and metrics of third parties ranked like those that records hold."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robench import leaderboard, registry
from robench.board.endpoints import endpoint, measured, value
from robench.contracts import METRICS, Measured
from robench.errors import PluginError
from robench.report import REPORTS
from robench.runs.result import result_of
from robench.runs.store import Store
from tests.helpers.distributions import install
from tests.helpers.records import build, keep, make_record, make_rows

WORST = """
from robench.contracts import Metric

def worst(seen):
    return 100 * float(seen.errors.mean(axis=1).max())

def failing(seen):
    return 1 / 0

worst_error = Metric("worst_error", "images in 100", False, worst, percent=False, api_version=1)
failing_error = Metric("failing_error", "fraction", False, failing, api_version=1)
worded_error = Metric("worded_error", "fraction", False, lambda seen: "low", api_version=1)
parted_error = Metric("parted_error", "fraction", False, lambda seen: 0.5, lambda seen: [0.5], api_version=1)
"""
ACCURACIES = {"dense": [0.60, 0.61, 0.62], "set": [0.70, 0.71, 0.73]}


@pytest.fixture
def metrics(site: Path) -> None:
    """A distribution with metrics is installed."""
    names = ("failing_error", "parted_error", "worded_error", "worst_error")
    install(site, "worst", WORST, {"robench.metrics": {name: f"worst:{name}" for name in names}})


def test_rows_are_ranked_by_an_endpoint_of_a_third_party(metrics: None) -> None:
    (board,) = build(make_rows(ACCURACIES, note={"endpoint": "worst_error"}))
    assert [row.method for row in board.rows] == ["set", "dense"]  # the lower error first
    assert not board.higher_is_better
    assert board.rows[0].scores == pytest.approx([30.0, 29.0, 27.0])
    assert board.rows[0].difference is not None
    assert board.rows[0].difference.mean == pytest.approx(-10.3333, abs=1e-4)
    assert [row.leave_one_out for row in board.rows] == [None, None]


def test_it_is_shown_in_its_own_unit(metrics: None) -> None:
    text = REPORTS["markdown"](build(make_rows(ACCURACIES, note={"endpoint": "worst_error"})))
    assert "worst error images in 100" in text
    assert "28.67±1.53" in text
    assert "in images in 100" in text
    assert "-10.33" in text


@pytest.mark.parametrize(
    ("name", "error"), [("failing", "ZeroDivisionError"), ("worded", "TypeError"), ("parted", "ValueError")]
)
def test_one_that_fails_is_named(metrics: None, name: str, error: str) -> None:
    with pytest.raises(PluginError, match=rf"endpoint: '{name}_error' cannot be computed of .*: {error}"):
        build(make_rows(ACCURACIES, note={"endpoint": f"{name}_error"}))


def test_an_endpoint_that_is_not_installed_is_named_and_the_others_rank(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.open()
    for record in [*make_rows(ACCURACIES), *make_rows(ACCURACIES, note={"endpoint": "robust_acuracy"}, epochs=9)]:
        keep(store, record)
    with pytest.warns(UserWarning, match="endpoint: unknown 'robust_acuracy'; did you mean 'robust_accuracy'"):
        (board,) = leaderboard(store.root)
    assert len(board.rows) == 2


def test_listed_and_shown_like_any_plugin(metrics: None) -> None:
    assert [entry.name for entry in registry.entries("metric")] == [
        "failing_error",
        "parted_error",
        "worded_error",
        "worst_error",
    ]
    assert registry.load("metric", "worst:worst_error").unit == "images in 100"


@pytest.mark.parametrize("name", METRICS)
def test_the_table_reads_what_records_hold(name: str) -> None:
    result = result_of(make_record("set", 0, accuracy=0.6, clean=0.8))
    assert result.numbers is not None
    assert endpoint(name) is METRICS[name]
    assert value(METRICS[name], result) == getattr(result.numbers, name)


SHARE = st.floats(0, 1)


@given(st.lists(st.lists(SHARE, min_size=3, max_size=3), min_size=1, max_size=6), st.floats(0.01, 1))
def test_a_mean_over_corruptions_is_the_mean_of_its_parts(errors: list[list[float]], clean: float) -> None:
    table = np.array(errors)
    robust = 1 - table.mean()
    seen = Measured(clean, float(robust), 0.0, 0.0, float(robust / clean), table)
    for metric in METRICS.values():
        if metric.by_corruption is not None:
            assert metric.by_corruption(seen).shape == (len(errors),)
            assert metric.by_corruption(seen).mean() == pytest.approx(metric.value(seen), abs=1e-9)


def test_a_network_without_a_result_has_no_value() -> None:
    failed = result_of(make_record("set", 0)).model_copy(update={"numbers": None})
    assert measured(failed) is None
    assert value(METRICS["mce"], failed) is None
