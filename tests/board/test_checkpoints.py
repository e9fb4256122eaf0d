"""One stored network against another: from the bits, under a label that cannot be missed."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from scipy import stats

from robench.board.checkpoints import compare_runs
from robench.cli import leaderboard
from robench.errors import InputError
from robench.runs.record import RunRecord
from robench.runs.store import Store
from tests.helpers.records import make_failure, make_record

IMAGES = 400
LABEL = "checkpoint-level: says nothing about the method"


def stored(store: Store, seed: int, right: float, **spec: object) -> tuple[RunRecord, np.ndarray, np.ndarray]:
    """A committed run whose bits are drawn, and its bits."""
    correct = np.random.default_rng(seed).random((5, IMAGES)) < right
    errors = 1 - correct[1:].mean(axis=1)
    record = make_record("rigl", seed, float(1 - errors.mean()), clean=float(correct[0].mean()), **spec)
    cells = [cell.model_copy(update={"error": e}) for cell, e in zip(record.metrics.cells, errors, strict=True)]
    metrics = record.metrics.model_copy(update={"cells": tuple(cells)})
    record = record.model_copy(update={"metrics": metrics, "images": IMAGES})
    store.plan([record.spec])
    store.write_bits(record.id, correct[0], correct[1:])
    return store.commit(record), correct[0], correct[1:]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "store")
    made.open()
    return made


def test_the_comparison_is_that_of_the_bits(store: Store) -> None:
    (one, clean, cells), (other, other_clean, other_cells) = stored(store, 1, 0.72), stored(store, 2, 0.70)
    found = compare_runs(store, one.id, other.id[:8])
    gap = cells.mean(axis=0) - other_cells.mean(axis=0)
    assert found.robust.difference == pytest.approx(gap.mean())
    theirs = stats.bootstrap((gap,), np.mean, rng=0, method="percentile", n_resamples=4000).confidence_interval
    assert (found.robust.low, found.robust.high) == pytest.approx((theirs.low, theirs.high), abs=0.003)
    gained, lost = int((clean & ~other_clean).sum()), int((other_clean & ~clean).sum())
    assert (found.clean.only_treated, found.clean.only_control) == (gained, lost)
    assert found.clean.p == pytest.approx(stats.binomtest(gained, gained + lost).pvalue)
    back = compare_runs(store, other.id, one.id)
    assert back.robust.difference == pytest.approx(-found.robust.difference)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"suite": "other"}, "suite differs, other and digits-c"),
        ({"source": "published"}, "source differs"),
        ({"severities": (1,)}, "severities differs"),
        ({"test_limit": 500}, "test_limit differs, 500 and None"),
    ],
)
def test_other_images_are_refused(store: Store, change: dict[str, object], reason: str) -> None:
    record, _, _ = stored(store, 1, 0.7)
    other = make_record("set", 2, 0.5, **change).model_copy(update={"images": IMAGES})
    store.plan([other.spec])
    store.write_bits(
        other.id, np.arange(IMAGES) < 0.9 * IMAGES, np.tile(np.arange(IMAGES) < IMAGES / 2, (len(other.spec.cells), 1))
    )
    store.commit(other)
    with pytest.raises(InputError, match=reason):
        compare_runs(store, other.id, record.id)


def test_runs_that_are_not_there_or_have_no_result_are_refused(store: Store) -> None:
    record, _, _ = stored(store, 1, 0.7)
    failed = make_failure("rigl", 5)
    store.plan([failed.spec])
    store.commit(failed)
    with pytest.raises(InputError, match="0 runs begin with 'zz'"):
        compare_runs(store, "zz", record.id)
    with pytest.raises(InputError, match="2 runs begin with ''"):
        compare_runs(store, "", record.id)
    with pytest.raises(InputError, match="are one run"):
        compare_runs(store, record.id, record.id[:9])
    with pytest.raises(InputError, match="has no result"):
        compare_runs(store, record.id, failed.id)


def call(store: Store, *words: str) -> Result:
    return CliRunner().invoke(leaderboard.command, ["--store", str(store.root), *words], standalone_mode=False)


def test_the_command_prints_the_label_first(store: Store) -> None:
    (one, _, _), (other, _, _) = stored(store, 1, 0.72), stored(store, 2, 0.70)
    lines = call(store, "--compare", one.id, other.id).stdout.splitlines()
    assert lines[0] == LABEL
    assert max(map(len, lines)) <= 100
    data = json.loads(call(store, "--compare", one.id, other.id, "--json").stdout)
    assert (data["treated"], data["robust_accuracy"]["label"], data["clean_accuracy"]["label"]) == (
        one.id,
        LABEL,
        LABEL,
    )


def test_one_question_at_a_time(store: Store) -> None:
    stored(store, 1, 0.7)
    for words in (
        ["--verdict", "--calibrate"],
        ["--across", "--explore"],
        ["--verdict", "--format", "latex"],
        ["--compare", "a", "b", "--figures", "x"],
    ):
        assert isinstance(call(store, *words).exception, InputError)
    assert json.loads(call(store, "--verdict", "--json").stdout)["verdicts"][0]["contrasts"] == []
    assert json.loads(call(store, "--calibrate", "--json").stdout)["calibrations"][0]["rates"] is None
