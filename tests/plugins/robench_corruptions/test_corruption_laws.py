"""The laws of the contract, over every registered corruption, and what robench adds around them."""

import numpy as np
import pytest

from robench import corrupt, registry
from robench.testing import corruption as kit
from tests.helpers.corruption_cases import NAMES, Root, patterns


@pytest.mark.parametrize("law", kit.CHECKS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_laws(name: str, law: kit.CorruptionCheck, root_of: Root) -> None:
    law(registry.load("corruption", name), root_of(name))


def test_memory_order_of_the_input_does_not_matter() -> None:
    images = patterns(3, 32, 40)
    strange = np.asfortranarray(images[::-1])[::-1]
    assert not strange.flags.c_contiguous
    np.testing.assert_array_equal(corrupt(strange, "glass_blur", 2), corrupt(images, "glass_blur", 2))


def test_the_input_may_be_read_only_and_the_result_is_not() -> None:
    images = patterns(3, 32, 40)
    images.flags.writeable = False
    assert corrupt(images, "contrast", 2).flags.writeable


def test_no_images_give_no_images() -> None:
    assert corrupt(patterns(1, 32, 32)[:0], "fog", 3).shape == (0, 32, 32, 3)
