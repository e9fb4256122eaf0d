"""ImageNet-3DCC without geometry, against Pillow and the moments of the noise that is described."""

import numpy as np
import pytest
from PIL import Image, ImageOps
from scipy.stats import norm, poisson

from robench import corrupt
from robench.errors import InputError
from tests.helpers.corruption_cases import patterns

SEVERITIES = range(1, 6)
IMAGES = patterns(3, 40, 33)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_color_quant_is_pillows_posterize(severity: int) -> None:
    expected = [np.asarray(ImageOps.posterize(Image.fromarray(image), 6 - severity)) for image in IMAGES]
    np.testing.assert_array_equal(corrupt(IMAGES, "color_quant", severity, "imagenet"), expected)


def _mean_reading(value: float, photons: int, sigma: float) -> float:
    """Return the mean, in grey levels, of clip(min(Poisson(value photons) / photons, 1) + N(0, sigma)), truncated."""
    arrived = np.arange(6 * photons)
    levels = np.minimum(arrived / photons, 1)
    # P(reading >= k / 255) summed over k = 1 .. 255 is the mean of the truncated reading.
    reached = norm.sf((np.arange(1, 256)[:, None] / 255 - levels) / sigma).sum(axis=0)
    return float(reached @ poisson.pmf(arrived, value * photons))


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("value", [0, 30, 128, 240])
def test_iso_noise_is_few_photons_and_an_amplifier(value: int, severity: int) -> None:
    sigma = 0.7 * (0.08, 0.12, 0.18, 0.26, 0.38)[severity - 1]
    noisy = corrupt(np.full((1, 224, 224, 3), value, np.uint8), "iso_noise", severity, "imagenet")
    assert noisy.mean() == pytest.approx(_mean_reading(value / 255, 25, sigma), abs=0.8)


def test_values_of_iso_noise_spread_as_the_sum_of_both() -> None:
    noisy = corrupt(np.full((1, 224, 224, 3), 102, np.uint8), "iso_noise", 1, "imagenet")
    assert noisy.std() / 255 == pytest.approx(np.sqrt(0.4 / 25 + 0.056**2), rel=0.01)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_low_light_stretches_squares_and_darkens(severity: int) -> None:
    image = np.full((1, 224, 224, 3), 90, np.uint8)
    image[0, 0, 0], image[0, 0, 1] = 40, 140
    gain = (0.6, 0.5, 0.4, 0.3, 0.2)[severity - 1]
    dark = corrupt(image, "low_light", severity, "imagenet")
    assert dark.mean() == pytest.approx(_mean_reading(0.5**2 * gain, 120, 0.018), abs=0.2)


def test_low_light_does_not_depend_on_contrast() -> None:
    wide = np.where(IMAGES > 128, 200, 100).astype(np.uint8)
    narrow = np.where(IMAGES > 128, 160, 150).astype(np.uint8)
    np.testing.assert_array_equal(*(corrupt(images, "low_light", 2, "imagenet") for images in (wide, narrow)))


@pytest.mark.parametrize(("severity", "divisor"), list(zip(SEVERITIES, (2.4, 1.4, 0.9, 0.6, 0.4), strict=True)))
def test_flash_adds_the_light_that_returns(severity: int, divisor: float) -> None:
    image = np.full((1, 32, 32, 3), 60, np.uint8)
    reshading = np.linspace(0, 1, 1024, dtype=np.float32).reshape(1, 32, 32)
    lit = corrupt(image, "flash", severity, "imagenet", maps={"reshading": reshading})
    expected = np.minimum(60 * (1 + reshading / divisor), 255)
    assert np.abs(lit[..., 0] - (expected - 0.5)).max() <= 0.5 + 1e-3


def test_light_above_one_is_refused() -> None:
    reshading = np.full(IMAGES.shape[:3], 7, np.float32)
    with pytest.raises(InputError, match=r"maps\['reshading'\]: has the value 7; expected 0 to 1"):
        corrupt(IMAGES, "flash", 1, "imagenet", maps={"reshading": reshading})
