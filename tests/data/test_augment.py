"""Batched augmentation against torchvision, one image at a time."""

import random

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from robench.data import augment as data_augment
from robench.data.augment import augment, mixup, normalize, rand_augment
from robench.errors import InputError


def images_of(count, size=8, channels=3, seed=0):
    """Draw random uint8 images (count, channels, size, size)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, channels, size, size), dtype=torch.uint8, generator=generator)


def seeded(seed=1):
    return torch.Generator().manual_seed(seed)


def positions_of(image, crop, padding):
    """Return every (top, left, mirrored) whose torchvision crop of the padded image equals `crop`."""
    padded = v2.functional.pad(image, [padding] * 4)
    found = set()
    for top in range(2 * padding + 1):
        for left in range(2 * padding + 1):
            cut = v2.functional.crop(padded, top, left, *image.shape[1:])
            for mirrored, candidate in ((False, cut), (True, v2.functional.horizontal_flip(cut))):
                if torch.equal(candidate, crop):
                    found.add((top, left, mirrored))
    return found


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("flip", [False, True])
def test_every_image_is_a_torchvision_crop_and_all_positions_occur(flip, channels):
    images = images_of(300, channels=channels)
    crops = augment(images, padding=2, flip=flip, generator=seeded())
    seen = set()
    for image, crop in zip(images, crops, strict=True):
        found = positions_of(image, crop, padding=2)
        assert len(found) == 1
        seen |= found
    assert len(seen) == (50 if flip else 25)
    assert {mirrored for _, _, mirrored in seen} == ({False, True} if flip else {False})


def test_offsets_and_flips_are_uniform():
    ramp = torch.arange(1, 10, dtype=torch.uint8).expand(1, 9, 9)
    image = torch.stack([ramp[0], ramp[0].T])[None]
    crops = augment(image.expand(20000, 2, 9, 9), padding=1, flip=True, generator=seeded())
    centres = crops[:, :, 4, 4]
    mirrored = crops[:, 0, 4, 3] > crops[:, 0, 4, 5]
    assert 0.48 < mirrored.float().mean() < 0.52
    for axis in (0, 1):
        shares = torch.bincount(centres[:, axis].long(), minlength=7)[4:7] / len(crops)
        assert torch.allclose(shares, torch.full((3,), 1 / 3), atol=0.015)


def test_the_same_state_gives_the_same_images_whatever_the_memory_format():
    images = images_of(16)
    first = augment(images, padding=4, flip=True, generator=seeded())
    second = augment(images.contiguous(memory_format=torch.channels_last), padding=4, flip=True, generator=seeded())
    other = augment(images, padding=4, flip=True, generator=seeded(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert first.is_contiguous(memory_format=torch.channels_last)
    assert first.dtype == torch.uint8


def test_non_square_images_keep_their_shape():
    images = images_of(4)[:, :, :5]
    assert augment(images, padding=3, flip=True, generator=seeded()).shape == (4, 3, 5, 8)


def test_nothing_asked_nothing_done_and_nothing_drawn():
    images, generator = images_of(4), seeded()
    before = generator.get_state()
    assert augment(images, padding=0, flip=False, generator=generator) is images
    assert torch.equal(before, generator.get_state())


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_normalise_is_torchvisions(memory_format):
    images = images_of(5).contiguous(memory_format=memory_format)
    mean, std = (0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)
    expected = v2.functional.normalize(v2.functional.to_dtype(images, torch.float32, scale=True), mean, std)
    result = normalize(images, mean, std)
    torch.testing.assert_close(result, expected, rtol=0, atol=1e-6)
    assert result.is_contiguous(memory_format=memory_format)


@pytest.mark.parametrize("count", [6, 7])
def test_mixup_mixes_images_and_labels_with_one_share(count):
    images, labels = images_of(count).float(), torch.arange(count)
    mixed, targets = mixup(images, labels, alpha=0.8, num_classes=count, generator=seeded())
    share = targets[0, 0]
    assert 0 < share < 1
    torch.testing.assert_close(targets.sum(1), torch.ones(count))
    for index in range(count):
        expected = share * images[index] + (1 - share) * images[index - 1]
        torch.testing.assert_close(mixed[index], expected)
        torch.testing.assert_close(targets[index, index - 1], 1 - share)


def test_mixup_shares_follow_the_beta_distribution():
    generator, images, labels = seeded(), images_of(2).float(), torch.tensor([0, 1])
    shares = [mixup(images, labels, alpha=0.4, num_classes=2, generator=generator)[1][0, 0].item() for _ in range(2000)]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.03)
    assert np.var(shares) == pytest.approx(1 / (4 * (2 * 0.4 + 1)), abs=0.01)


def test_rand_augment_is_timms_on_each_image():
    from timm.data.auto_augment import rand_augment_transform

    images, config = images_of(6, size=32), "rand-m9-n2-mstd0.5"
    generator = seeded()
    result = rand_augment(images, config, generator=generator)
    seed = int(torch.randint(2**32, (), generator=seeded()))
    random.seed(seed)
    np.random.seed(seed)
    policy = rand_augment_transform(config)
    for image, changed in zip(images, result, strict=True):
        expected = np.asarray(policy(Image.fromarray(image.permute(1, 2, 0).numpy())))
        assert np.array_equal(changed.permute(1, 2, 0).numpy(), expected)
    assert not torch.equal(result, images)


@pytest.mark.parametrize("config", ["rand-x", "rand-m9-zz3", "auto-m9", "rand-mfast", "rand-m9-tnone"])
def test_rand_augment_names_a_wrong_configuration(config):
    with pytest.raises(InputError, match="randaugment"):
        rand_augment(images_of(1), config, generator=seeded())


def test_rand_augment_needs_three_channels():
    with pytest.raises(InputError, match="1 channels"):
        rand_augment(images_of(1, channels=1), "rand-m9-n2", generator=seeded())


def test_global_random_state_is_left_alone():
    def state():
        python, numpy = random.getstate(), np.random.get_state()[1].tolist()
        return python, numpy, torch.get_rng_state().tolist()

    before = state()
    images = images_of(4, size=32)
    augment(images, padding=2, flip=True, generator=seeded())
    mixup(images.float(), torch.zeros(4, dtype=torch.int64), alpha=1.0, num_classes=2, generator=seeded())
    rand_augment(images, "rand-m9-n2", generator=seeded())
    assert state() == before


def test_rand_augment_keeps_no_bit_where_timm_asks_for_none():
    policy = data_augment._policy("rand-m10-n1-inc1")
    (posterize,) = [operation for operation in policy.ops if operation.name == "PosterizeIncreasing"]
    picture = Image.fromarray(np.full((8, 8, 3), 200, np.uint8))
    assert posterize.level_fn(10, {}) == (0,)
    assert np.asarray(posterize.aug_fn(picture, 0)).max() == 0
    assert np.asarray(posterize.aug_fn(picture, 1)).max() == 0b1000_0000
