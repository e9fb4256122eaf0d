"""CIFAR-10 against torchvision's reader, and what a hostile or damaged file does."""

import os
import pickle
import shutil

import numpy as np
import pytest

from robench.data import images
from robench.errors import DataError, InputError
from robench_datasets import cifar


@pytest.mark.parametrize("split", ["train", "test"])
def test_equal_to_torchvision(shared_data, split):
    datasets = pytest.importorskip("torchvision.datasets")
    theirs = datasets.CIFAR10(shared_data, train=split == "train", download=False)
    pixels, labels = images.load(cifar.cifar10, shared_data, split)
    np.testing.assert_array_equal(pixels, theirs.data)
    np.testing.assert_array_equal(labels, theirs.targets)
    assert list(cifar.cifar10.label_names) == theirs.classes


def test_mean_and_std_are_those_of_the_training_images(shared_data):
    pixels, _ = images.load(cifar.cifar10, shared_data, "train")
    histograms = [np.bincount(pixels[..., channel].ravel(), minlength=256) for channel in range(3)]
    levels = np.arange(256) / 255
    for channel, histogram in enumerate(histograms):
        mean = np.average(levels, weights=histogram)
        deviation = np.sqrt(np.average((levels - mean) ** 2, weights=histogram))
        assert cifar.cifar10.mean[channel] == pytest.approx(mean, abs=1e-8)
        assert cifar.cifar10.std[channel] == pytest.approx(deviation, abs=1e-8)


def test_a_missing_file_says_how_to_get_it(tmp_path):
    with pytest.raises(DataError, match="test_batch is missing; `robench data fetch cifar10`"):
        cifar.read_cifar10(tmp_path, "test")


def test_a_damaged_file_is_never_unpickled(tmp_path, monkeypatch):
    path = tmp_path / cifar.TEST[0]
    path.parent.mkdir()
    path.write_bytes(pickle.dumps({"data": np.zeros((1, 3072), np.uint8), "labels": [0]}))
    monkeypatch.setattr(cifar, "unpickle", lambda content: pytest.fail("unpickled"))
    with pytest.raises(DataError, match=r"test_batch .* is damaged"):
        cifar.read_cifar10(tmp_path, "test")


def test_a_truncated_file_is_named(shared_data, tmp_path):
    path = tmp_path / cifar.TEST[0]
    path.parent.mkdir()
    shutil.copyfile(shared_data / cifar.TEST[0], path)
    os.truncate(path, 1000)
    with pytest.raises(DataError, match=r"test_batch \(1000 bytes\) is damaged"):
        images.load(cifar.cifar10, tmp_path, "test")


def test_unknown_split():
    with pytest.raises(InputError, match="unknown 'valid'"):
        cifar.read_cifar10(None, "valid")


class Hostile:
    def __init__(self, function, *arguments):
        self.made = function, arguments

    def __reduce__(self):
        return self.made


@pytest.mark.parametrize(
    "hostile",
    [
        Hostile(os.mkdir, "owned"),
        Hostile(eval, "open('owned', 'w')"),
        Hostile(np.load, "owned"),
        Hostile(getattr, "text", "join"),
    ],
)
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_hostile_pickle_is_refused(tmp_path, monkeypatch, hostile, protocol):
    monkeypatch.chdir(tmp_path)
    content = pickle.dumps({"data": hostile, "labels": [0]}, protocol)
    with pytest.raises(pickle.UnpicklingError, match="is not allowed"):
        cifar.unpickle(content)
    assert not list(tmp_path.iterdir())
