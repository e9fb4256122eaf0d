"""Planned runs are told apart in the plan and in what their workers tell."""

from pathlib import Path

from robench.progress import Progress
from robench.study.grid import grid_of
from robench.study.naming import labelled, telling
from robench.study.plan import expand

THREE = "rigl,rigl(update_interval=50),rigl(update_interval=200)"


def test_variants_of_a_method_and_a_changed_model_have_labels_of_their_own(tmp_path: Path) -> None:
    grid = grid_of(suite="digits-c", models="cnn-small(width=4)", methods=THREE, seeds="1")
    labels = labelled(expand(grid, data=tmp_path))
    assert list(labels.values()) == [
        f"digits-c cnn-small(width=4) rigl(update_interval={interval}) 0.5 seed 0" for interval in (100, 50, 200)
    ]
    told: list[Progress] = []
    tell = telling(told.append, labels)
    for run_id in [*labels, "data fog"]:
        tell(Progress(run_id, "as one worker knows it", "train"))
    assert [message.label for message in told] == [*labels.values(), "as one worker knows it"]


def test_options_at_their_defaults_are_not_shown(tmp_path: Path) -> None:
    (label,) = labelled(expand(grid_of(suite="digits-c", methods="dense", seeds="1"), data=tmp_path)).values()
    assert label == "digits-c cnn-small dense seed 0"
