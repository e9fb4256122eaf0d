"""A pipeline of torchvision, read by workers in any order, gives the bytes of one call of `robench.corrupt`."""

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision.transforms import Compose
from torchvision.transforms.v2 import Compose as ComposeOfV2
from torchvision.transforms.v2 import PILToTensor

from robench import corrupt
from robench.errors import InputError
from robench.transforms import Corrupt, Indexed
from tests.helpers.corruption_cases import patterns

IMAGES = patterns(7, 32, 32)
WANT = torch.from_numpy(corrupt(IMAGES, "gaussian_noise", 4, seed=3)).permute(0, 3, 1, 2)


class Pictures(Dataset[Any]):
    """As torchvision's: Pillow images, one transform, labels beside them."""

    def __init__(self, transform: Any) -> None:
        self.transform = transform

    def __len__(self) -> int:
        return len(IMAGES)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return self.transform(Image.fromarray(IMAGES[index])), index


def pictures(compose: Any = Compose) -> Indexed:
    return Indexed(Pictures(compose([Corrupt("gaussian_noise", 4, seed=3), PILToTensor()])))


@pytest.mark.parametrize("compose", [Compose, ComposeOfV2])
def test_images_have_the_bytes_of_the_whole_set(compose: Any) -> None:
    for index, (image, label) in enumerate(pictures(compose)):
        assert label == index
        assert torch.equal(image, WANT[index])


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # Python 3.12 on forks, which a DataLoader makes
def test_workers_and_order_change_nothing() -> None:
    loader = DataLoader(Subset(pictures(), [5, 1, 6, 0, 2]), batch_size=2, num_workers=2, shuffle=True)
    seen = {int(label): image for images, labels in loader for image, label in zip(images, labels, strict=True)}
    assert sorted(seen) == [0, 1, 2, 5, 6]
    assert all(torch.equal(image, WANT[index]) for index, image in seen.items())


def test_an_index_from_the_end_is_the_same_image() -> None:
    assert torch.equal(pictures()[-1][0], WANT[6])
    with pytest.raises(IndexError, match="index 7 of 7 images"):
        pictures()[7]


class Pairs(Dataset[Any]):
    """Images and labels that go through one transform together, as `transforms=` of torchvision."""

    def __len__(self) -> int:
        return len(IMAGES)

    def __getitem__(self, index: int) -> Any:
        return ComposeOfV2([Corrupt("gaussian_noise", 4, seed=3), PILToTensor()])(Image.fromarray(IMAGES[index]), index)


def test_labels_beside_an_image_pass() -> None:
    image, label = Indexed(Pairs())[2]
    assert label == 2
    assert torch.equal(image, WANT[2])


def test_without_an_index_it_is_said_what_to_do() -> None:
    with pytest.raises(InputError, match=r"index of the image is not known; wrap .* robench\.transforms\.Indexed"):
        Corrupt("fog", 3)(Image.fromarray(IMAGES[0]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"severity": 6}, "severity: 6"),
        ({"preset": "cifra"}, "did you mean 'cifar'"),
        ({"seed": 1.5}, "seed: 1.5"),
        ({"name": "near_focus", "preset": "imagenet"}, "near_focus: needs depth of each image; use robench.corrupt"),
    ],
)
def test_wrong_arguments_are_named_before_an_image_is_read(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Corrupt(**({"name": "fog", "severity": 3} | arguments))


def test_a_pipeline_shows_what_it_does() -> None:
    assert repr(Corrupt("fog", 3)) == "Corrupt('fog', severity=3, preset='cifar', seed=0)"


def test_errors_leave_no_index_behind() -> None:
    broken = Indexed(Pictures(Compose([Corrupt("fog", 3), lambda image: 1 / 0])))
    with pytest.raises(ZeroDivisionError):
        broken[0]
    with pytest.raises(InputError, match="index of the image is not known"):
        Corrupt("fog", 3)(Image.fromarray(np.zeros((32, 32, 3), np.uint8)))
