"""Every form in which people hold images gets the bytes that a NumPy batch gets."""

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import tv_tensors

from robench import corrupt
from robench.errors import InputError
from tests.helpers.corruption_cases import patterns

BATCH = patterns(3, 32, 40)
WANT = corrupt(BATCH, "gaussian_noise", 3)


def test_a_single_image_has_the_index_it_is_given() -> None:
    np.testing.assert_array_equal(corrupt(BATCH[1], "gaussian_noise", 3, first_index=1), WANT[1])


def test_a_tensor_comes_back_as_a_tensor() -> None:
    tensor = torch.from_numpy(BATCH).permute(0, 3, 1, 2)
    out = corrupt(tensor, "gaussian_noise", 3)
    assert out.shape == (3, 3, 32, 40)
    assert out.dtype == torch.uint8
    np.testing.assert_array_equal(out.permute(0, 2, 3, 1).numpy(), WANT)
    np.testing.assert_array_equal(corrupt(tensor[0], "gaussian_noise", 3).permute(1, 2, 0).numpy(), WANT[0])


def test_a_tensor_of_torchvision_keeps_its_class() -> None:
    out = corrupt(tv_tensors.Image(torch.from_numpy(BATCH).permute(0, 3, 1, 2)), "gaussian_noise", 3)
    assert isinstance(out, tv_tensors.Image)
    np.testing.assert_array_equal(out.permute(0, 2, 3, 1).numpy(), WANT)


def test_a_pillow_image_comes_back_as_one() -> None:
    out = corrupt(Image.fromarray(BATCH[0]), "gaussian_noise", 3)
    assert (out.mode, out.size) == ("RGB", (40, 32))
    np.testing.assert_array_equal(np.asarray(out), WANT[0])


def test_grey_images_of_every_form_agree() -> None:
    grey = BATCH[..., :1]
    want = corrupt(grey, "contrast", 2)
    np.testing.assert_array_equal(corrupt(grey[0], "contrast", 2), want[0])
    np.testing.assert_array_equal(corrupt(grey[0, ..., 0], "contrast", 2), want[0, ..., 0])
    np.testing.assert_array_equal(np.asarray(corrupt(Image.fromarray(grey[0, ..., 0]), "contrast", 2)), want[0, ..., 0])
    tensor = torch.from_numpy(grey[0]).permute(2, 0, 1)
    np.testing.assert_array_equal(corrupt(tensor, "contrast", 2).numpy()[0], want[0, ..., 0])


def test_the_map_of_a_single_image_needs_no_axis_for_it() -> None:
    depth = np.linspace(1, 9, 32 * 40, dtype=np.float32).reshape(32, 40)
    batch = corrupt(BATCH[:1], "fog_3d", 3, "imagenet", maps={"depth": depth[None]})
    np.testing.assert_array_equal(corrupt(BATCH[0], "fog_3d", 3, "imagenet", maps={"depth": depth}), batch[0])


def test_the_input_is_left_alone() -> None:
    tensor = torch.from_numpy(BATCH.copy())
    corrupt(tensor.permute(0, 3, 1, 2), "brightness", 5)
    np.testing.assert_array_equal(tensor.numpy(), BATCH)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.rand(1, 3, 32, 32), r"images: dtype torch.float32; expected torch.uint8 .*round"),
        (
            torch.zeros(1, 32, 32, 3, dtype=torch.uint8),
            r"shape \(1, 32, 32, 3\); expected of a tensor .*\(N, 3, H, W\)",
        ),
        (torch.zeros(32, 32, dtype=torch.uint8), r"shape \(32, 32\); expected of a tensor"),
        (Image.new("RGBA", (32, 32)), r'mode RGBA; expected RGB or L, as image.convert\("RGB"\)'),
        (Image.new("RGB", (32, 31)), "images: 31 x 32 pixels; expected at least 32 x 32"),
        (np.zeros((2, 32, 32), np.uint8), r"shape \(2, 32, 32\); expected .*of a single image"),
    ],
)
def test_other_forms_are_named(images: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        corrupt(images, "fog", 3)
    assert "\n" not in str(caught.value)
