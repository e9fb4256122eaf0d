"""The digits dataset against scikit-learn's arrays and OpenCV's enlargement."""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.datasets import load_digits

from robench.errors import InputError
from robench_datasets.digits import digits


@pytest.fixture(scope="module")
def splits():
    return {split: digits.read(Path("unused"), split) for split in digits.sizes}


def test_sizes_shapes_and_types(splits):
    for split, (images, labels) in splits.items():
        assert images.shape == (digits.sizes[split], 32, 32, 3)
        assert (images.dtype, labels.dtype) == (np.uint8, np.int64)
        assert set(labels) == set(range(len(digits.label_names)))
    assert sum(digits.sizes.values()) == 1797


def test_splits_are_the_file_cut_class_by_class(splits):
    bunch = load_digits()
    for label in range(10):
        small = bunch.images[bunch.target == label]
        parts = [splits[split][0][splits[split][1] == label] for split in ("train", "test")]
        assert len(parts[1]) == 50
        for image, source in zip(np.concatenate(parts), small, strict=True):
            expected = cv2.resize(source, (32, 32), interpolation=cv2.INTER_LINEAR) * 255 / 16
            assert np.abs(image - expected[..., None]).max() <= 0.5 + 1e-9


def test_the_full_range_of_grey_is_used(splits):
    images = splits["train"][0]
    assert (images.min(), images.max()) == (0, 255)
    assert np.array_equal(images[..., 0], images[..., 1])
    assert np.array_equal(images[..., 0], images[..., 2])


def test_mean_and_std_are_those_of_the_training_images(splits):
    scaled = splits["train"][0] / 255
    assert scaled.mean((0, 1, 2)) == pytest.approx(digits.mean, abs=5e-5)
    assert scaled.std((0, 1, 2)) == pytest.approx(digits.std, abs=5e-5)


def test_digest_is_that_of_images_and_labels(splits):
    digest = hashlib.sha256()
    for split in ("train", "test"):
        images, labels = splits[split]
        digest.update(images.tobytes())
        digest.update(labels.astype("<i8").tobytes())
    assert digest.hexdigest() == digits.digest


def test_another_split_is_named():
    with pytest.raises(InputError, match="did you mean 'train'"):
        digits.read(Path("unused"), "trian")
