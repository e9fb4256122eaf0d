import dataclasses

import numpy as np
import pytest

from robench.contracts import Dataset
from robench.data import images
from robench.errors import DataError, InputError, PluginError


def make(pixels, labels):
    return Dataset(
        name="tiny-fake",
        label_names=("a", "b", "c"),
        image_size=4,
        mean=(0.5,) * 3,
        std=(0.5,) * 3,
        sizes={"train": 6, "test": 6},
        read=lambda root, split: (pixels, labels),
        digest="0",
        licence="none",
        reference="none",
    )


PIXELS = np.arange(6 * 4 * 4 * 3, dtype=np.uint8).reshape(6, 4, 4, 3)
LABELS = np.array([0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize(("limit", "count"), [(None, 6), (2, 2), (100, 6)])
def test_limit_takes_the_first_images(tmp_path, limit, count):
    pixels, labels = images.load(make(PIXELS, LABELS), tmp_path, "test", limit)
    np.testing.assert_array_equal(pixels, PIXELS[:count])
    np.testing.assert_array_equal(labels, LABELS[:count])


@pytest.mark.parametrize(
    ("pixels", "labels", "text"),
    [
        (PIXELS.astype(np.float32), LABELS, "float32"),
        (PIXELS[:5], LABELS, "(5, 4, 4, 3)"),
        (PIXELS.transpose(0, 3, 1, 2), LABELS, "(6, 3, 4, 4)"),
        (PIXELS, LABELS.astype(np.int32), "int32"),
        (PIXELS, LABELS + 1, "1 to 3"),
        (PIXELS, LABELS - 1, "-1 to 1"),
        (PIXELS.tolist(), LABELS, "list"),
    ],
)
def test_a_dataset_that_breaks_its_record_is_named(tmp_path, pixels, labels, text):
    with pytest.raises(PluginError) as caught:
        images.load(make(pixels, labels), tmp_path, "test")
    assert "tiny-fake" in str(caught.value)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wrong_input_is_refused(tmp_path):
    fake = make(PIXELS, LABELS)
    with pytest.raises(InputError, match="did you mean 'train'"):
        images.load(fake, tmp_path, "trian")
    with pytest.raises(InputError, match="limit: 0"):
        images.load(fake, tmp_path, "test", 0)


def test_an_unreadable_file_is_one_line(tmp_path):
    def read(root, split):
        return np.load(root), LABELS

    with pytest.raises(DataError, match=r"tiny-fake: cannot read .*directory"):
        images.load(dataclasses.replace(make(PIXELS, LABELS), read=read), tmp_path, "test")
