"""Images that are not square are trained on, counted, corrupted and evaluated like others."""

from pathlib import Path

import pytest

import robench
import robench.errors
from robench.runs.store import Store
from tests.helpers.distributions import install

WIDE = """
from pathlib import Path
import numpy as np
from robench.contracts import Dataset, Protocol, Suite
from robench.errors import unknown

SIZES = {"train": 256, "test": 20}

def read(root, split):
    if split not in SIZES:
        raise unknown("split", split, SIZES)
    labels = np.arange(SIZES[split]) % 4
    images = np.random.default_rng(len(split)).integers(0, 80, (SIZES[split], 32, 48, 3), dtype=np.uint8)
    for image, label in zip(images, labels):
        image[:, 12 * label : 12 * label + 12] += 120  # the place of a bright bar across the longer side
    return images, labels.astype(np.int64)

wide = Dataset("wide", tuple("abcd"), (32, 48), (0.28,) * 3, (0.22,) * 3, SIZES, "sha256:0", "none", "none", read)
wide_c = Suite(
    "wide-c", "wide", "cifar", ("contrast", "motion_blur", "elastic_transform"), Protocol("dense"), "cnn-small",
    ("dense", "rigl"), "none",
)
"""


@pytest.fixture
def store(site: Path, tmp_path: Path, own_cache: Path) -> Path:
    """A store; a distribution with a data set of 32x48 images and a suite on it is installed."""
    points = {"robench.datasets": {"wide": "wide:wide"}, "robench.suites": {"wide-c": "wide:wide_c"}}
    install(site, "wide", WIDE, points)
    return tmp_path / "store"


def test_a_data_set_of_32x48_images_trains(store: Path) -> None:
    told = []
    boards = robench.run(
        suite="wide-c",
        models=["cnn-small(width=8)", "mlp(width=8)", "vit-tiny(width=12, depth=1)"],
        methods=["dense", {"rigl": {"update_interval": 2}}, "small-dense"],
        severities="1,5",
        seeds=1,
        epochs=10,
        recipe="digits",
        store=store,
        report=told.append,
        device="cpu",
    )
    (board,) = boards
    assert not board.missing
    assert len(board.rows) == 9
    by_name = {(row.model, row.method): row for row in board.rows}
    assert by_name["cnn-small", "dense"].clean_accuracy.mean > 0.6  # chance is 0.25
    # 3 x 32 x 48 inputs to 8 units, to 8 units, to 4 logits, with biases
    assert by_name["mlp", "dense"].parameters == 4608 * 8 + 8 + 8 * 8 + 8 + 8 * 4 + 4
    record = Store(store).record(by_name["mlp", "dense"].ids[0])
    assert record is not None
    assert record.cost is not None
    # v multiplications and v - 1 additions for an output of v inputs
    assert record.cost.flops_inference == 8 * (2 * 4608 - 1) + 8 * (2 * 8 - 1) + 4 * (2 * 8 - 1)
    assert {message.phase for message in told} >= {"prepare", "train", "evaluate", "finished"}


def test_a_model_that_cannot_take_them_says_so_before_anything_starts(store: Path) -> None:
    with pytest.raises(
        robench.errors.InputError, match="vit-tiny with dense: vit-tiny: image width 48 is not a multiple"
    ):
        robench.run(suite="wide-c", models="vit-tiny(patch_size=32)", methods="dense", seeds=1, epochs=5, store=store)
    assert not (store).exists()
