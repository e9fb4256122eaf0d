"""Training on image files: torchvision's random resized crop, the same bytes wherever a run goes on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import RandomResizedCrop

from robench import registry
from robench.data import image_files
from robench.data.image_files import Pictures
from robench.execution import worker
from robench.execution.settings import Settings
from robench.rng import stream
from robench.runs.spec import RunSpec, Training
from robench.runs.store import Store
from robench.study.grid import read_grid
from robench.study.plan import expand
from robench.training import crops, resume
from tests.helpers.folder_sets import MINI, MINI_C, files, write_clean, write_published

TRAINING = Training(epochs=3, batch_size=4, optimizer="sgd", learning_rate=0.1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_clean(tmp_path)
    return tmp_path


def source(root: Path) -> tuple[Pictures, torch.Tensor]:
    names, labels = files(root, "train")
    return Pictures(root, names, 32, 36), torch.tensor(labels)


@pytest.mark.parametrize(("width", "height"), [(500, 375), (40, 60), (300, 32)])
def test_boxes_are_distributed_as_torchvisions(width: int, height: int) -> None:
    rng, count = np.random.default_rng(0), 4000
    ours = np.array([crops.random_box(width, height, rng) for _ in range(count)], float)
    torch.manual_seed(0)
    image = Image.new("L", (width, height))
    found = [RandomResizedCrop.get_params(image, list(crops.AREA), list(crops.RATIO)) for _ in range(count)]
    theirs = np.array([(left, top, left + wide, top + high) for top, left, high, wide in found], float)
    assert (ours[:, :2] >= 0).all()
    assert (ours[:, 2] <= width).all()
    assert (ours[:, 3] <= height).all()
    spread = np.sqrt((ours.var(axis=0) + theirs.var(axis=0)) / count)
    assert (np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 4 * spread + 1e-9).all()
    assert ours.std(axis=0) == pytest.approx(theirs.std(axis=0), rel=0.06)


@pytest.mark.parametrize(("width", "height"), [(1000, 10), (10, 1000), (2000, 13), (60, 50)])
def test_where_nothing_fits_the_centre_is_taken_as_by_torchvision(width: int, height: int) -> None:
    class Never:
        def uniform(self, low: float, high: float) -> float:
            return high

    box = crops.random_box(width, height, Never())
    top, left, high, wide = RandomResizedCrop.get_params(Image.new("L", (width, height)), [5.0, 5.0], list(crops.RATIO))
    assert box == pytest.approx((left, top, left + wide, top + high), abs=1)


def test_a_crop_is_torchvisions_resized_crop(root: Path) -> None:
    pictures, _ = source(root)
    draw = crops.Draw(2, 5)
    image = pictures.open(5)
    left, top, right, bottom = crops.random_box(image.width, image.height, stream(7, "crop", 2, 5))
    from torchvision.transforms.functional import resized_crop

    theirs = resized_crop(image, top, left, bottom - top, right - left, [32, 32])
    np.testing.assert_array_equal(crops.crop(pictures, draw, seed=7), np.asarray(theirs))


@pytest.mark.parametrize("first", [0, 1, 4, 8])
@pytest.mark.parametrize("threads", [1, 3])
def test_batches_from_the_middle_are_those_of_the_whole(
    root: Path, monkeypatch: pytest.MonkeyPatch, first: int, threads: int
) -> None:
    pictures, labels = source(root)
    whole = list(crops.batches(pictures, labels, TRAINING, seed=1))
    assert [step for step, _, _ in whole] == list(range(9))
    monkeypatch.setattr(image_files, "cores", lambda: threads)
    rest = list(crops.batches(pictures, labels, TRAINING, seed=1, first=first))
    for (step, images, truth), (same, other_images, other_truth) in zip(whole[first:], rest, strict=True):
        assert step == same
        assert torch.equal(images, other_images)
        assert torch.equal(truth, other_truth)
        assert (images.shape, images.dtype) == ((4, 3, 32, 32), torch.uint8)


def test_epochs_and_seeds_crop_differently_and_ranks_share_a_batch(root: Path) -> None:
    pictures, labels = source(root)
    one, two = crops.crop(pictures, crops.Draw(0, 3), seed=0), crops.crop(pictures, crops.Draw(1, 3), seed=0)
    assert not np.array_equal(one, two)
    assert not np.array_equal(one, crops.crop(pictures, crops.Draw(0, 3), seed=1))
    whole = list(crops.batches(pictures, labels, TRAINING, seed=0))
    parts = [list(crops.batches(pictures, labels, TRAINING, seed=0, rank=rank, world=2)) for rank in (0, 1)]
    for step, images, _ in whole:
        for rank in (0, 1):
            assert torch.equal(parts[rank][step][1], images[rank::2])


GRID: dict[str, Any] = {
    "suite": ["digits-c"],
    "models": ["cnn-small(width=4)"],
    "methods": ["dense"],
    "seeds": 1,
    "corruptions": ["contrast", "fog"],
    "severities": [1, 4],
    "training": {"epochs": 2, "batch_size": 4, "crop_padding": 0, "flip": True, "warmup_epochs": 0},
}


@pytest.fixture
def plan(root: Path, monkeypatch: pytest.MonkeyPatch) -> RunSpec:
    """A run on image files: the small set stands where the digits are registered."""
    small = {"suite": replace(MINI_C, name="digits-c", dataset="digits"), "dataset": replace(MINI, name="digits")}
    load = registry.load
    monkeypatch.setattr(registry, "load", lambda kind, name: small.get(kind) or load(kind, name))
    worker._open.cache_clear()
    worker._training_images.cache_clear()
    write_published(root)
    (spec,) = expand(read_grid(GRID, "test"), data=root)
    yield spec
    worker._open.cache_clear()
    worker._training_images.cache_clear()


def finished(spec: RunSpec, data: Path, place: Path) -> Any:
    store = Store(place)
    store.open()
    settings = Settings(place, data, checkpoint_seconds=0)
    assert worker.run_one(spec, settings, lambda message: None) == "finished"
    return store.record(spec.id)


def test_a_run_on_files_ends_with_the_same_bytes_after_a_kill(
    root: Path, plan: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plan.source == "published"
    whole = finished(plan, root, root / "whole")
    assert whole.images == 6
    assert [(cell.corruption, cell.severity) for cell in whole.metrics.cells] == list(plan.cells)
    original, calls = resume.save, []

    def dying(*given: Any) -> None:
        calls.append(None)
        if len(calls) > 3:
            raise KeyboardInterrupt
        original(*given)

    with monkeypatch.context() as patch:
        patch.setattr(resume, "save", dying)
        with pytest.raises(KeyboardInterrupt):
            finished(plan, root, root / "cut")
    again = finished(plan, root, root / "cut")
    for name in ("model.safetensors", "bits.npz"):
        assert again.files[name] == whole.files[name]
