"""Broken models and datasets are caught by the check that names the law."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from robench.contracts import Dataset, File, Model
from robench.contracts.files import Download
from robench.errors import unknown
from robench.testing import dataset_checks, examine, model_checks


def body(channels, classes, norm=None, last=nn.Linear):
    middle = [] if norm is None else [norm]
    return nn.Sequential(
        nn.Conv2d(channels, 4, 3), *middle, nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), last(16, classes)
    )


class NotFinite(nn.Linear):
    def forward(self, features):
        return super().forward(features) + torch.nan


class Idle(nn.Linear):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.unused = nn.Parameter(torch.zeros(3))


class Counting(nn.Linear):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, features):
        self.calls += 1
        return super().forward(features)


class Hidden(nn.Linear):
    """Keeps a part of its weights out of the state dict."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.secret = torch.randn(sizes[1])

    def forward(self, features):
        return super().forward(features) + self.secret


class Free(nn.Module):
    """Has a weight that belongs to no layer which sparse training knows."""

    def __init__(self, inputs, classes):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, classes))

    def forward(self, images):
        return images.flatten(1) @ self.weight


def shaken(num_classes, in_channels, image_size):
    network = body(in_channels, num_classes)
    with torch.no_grad():
        network[-1].weight.add_(torch.rand(network[-1].weight.shape, generator=torch.Generator().manual_seed(CALLS[0])))
    CALLS[0] += 1
    return network


CALLS = [0]


def model(build):
    return Model(name="broken", build=build, recipe="sgd", reference="none")


def untyped(num_classes, in_channels, image_size, *, width=4):
    return body(in_channels, num_classes)


SOUND_MODEL = model(lambda num_classes, in_channels, image_size: body(in_channels, num_classes, nn.BatchNorm2d(4)))
MODELS = {
    "no-such-recipe": (replace(SOUND_MODEL, recipe="none"), "declaration"),
    "untyped": (model(untyped), "declaration"),
    "not-finite": (model(lambda n, c, s: body(c, n, last=NotFinite)), "logits"),
    "other-weights": (model(shaken), "same-seed"),
    "counts-calls": (model(lambda n, c, s: body(c, n, last=Counting)), "independent-images"),
    "unused": (model(lambda n, c, s: body(c, n, last=Idle)), "every-parameter-learns"),
    "free": (model(lambda n, c, s: Free(c * s**2, n)), "sparse-training"),
    "hidden": (model(lambda n, c, s: body(c, n, last=Hidden)), "plain-state"),
}


def failed(plugin, checks):
    return [finding.check for finding in examine("it", plugin, {}, checks) if not finding.passed]


@pytest.mark.parametrize("fault", MODELS)
def test_the_law_that_a_model_breaks_is_named(fault):
    plugin, law = MODELS[fault]
    assert law in failed(plugin, model_checks())


def test_a_sound_model_passes():
    assert failed(SOUND_MODEL, model_checks()) == []


def read(root, split):
    if split not in SOUND_DATA.sizes:
        raise unknown("split", split, SOUND_DATA.sizes)
    rng = np.random.default_rng(len(split))
    count = SOUND_DATA.sizes[split]
    return rng.integers(0, 256, (count, 32, 32, 3), dtype=np.uint8), np.arange(count) % 4


def another_each_time(root: Path, split: str):
    images, labels = read(root, split)
    CALLS[0] += 1
    return np.roll(images, CALLS[0], axis=1), labels


SOUND_DATA = Dataset(
    name="made",
    label_names=("a", "b", "c", "d"),
    image_size=32,
    mean=(0.5,) * 3,
    std=(0.29,) * 3,
    sizes={"train": 40, "test": 20},
    read=read,
    digest="0",
    licence="none",
    reference="none",
)
DATASETS = {
    "no-licence": (replace(SOUND_DATA, licence=""), "declaration"),
    "unproven": (replace(SOUND_DATA, downloads=(Download(File("a.bin"), ("http://localhost/a",)),)), "downloads"),
    "unstable": (replace(SOUND_DATA, read=another_each_time), "same-bytes"),
    "changed": (replace(SOUND_DATA, digest="content-sha256:" + 64 * "0"), "digest"),
    "shifted": (replace(SOUND_DATA, mean=(0.3,) * 3), "normalisation"),
    "any-split": (
        replace(SOUND_DATA, read=lambda root, split: read(root, "test" if split == "test" else "train")),
        "unknown-split",
    ),
    "sorted": (
        replace(SOUND_DATA, read=lambda root, split: (read(root, split)[0], np.sort(read(root, split)[1]) // 3)),
        "spread-classes",
    ),
    "floats": (
        replace(SOUND_DATA, read=lambda root, split: (read(root, split)[0] / 255.0, read(root, split)[1])),
        "images-and-labels",
    ),
}


@pytest.mark.parametrize("fault", DATASETS)
def test_the_law_that_a_dataset_breaks_is_named(fault):
    plugin, law = DATASETS[fault]
    assert law in failed(plugin, dataset_checks())


def test_a_sound_dataset_passes():
    assert failed(SOUND_DATA, dataset_checks()) == []


def test_every_law_is_broken_by_a_fault():
    assert {law for _, law in MODELS.values()} == {check.name for check in model_checks()}
    assert {law for _, law in DATASETS.values()} == {check.name for check in dataset_checks()}
