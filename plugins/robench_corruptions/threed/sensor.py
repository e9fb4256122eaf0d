"""ImageNet-3DCC without geometry: what a camera's sensor, its flash and its storage do to an image.

Written from a description of the published code (EPFL-VILAB/3DCommonCorruptions 4fc007b, whose licence forbids a copy),
so results have its distribution, not its bytes. Values are clipped to [0, 1] and truncated to bytes. The
levels are those of 224 pixels, the only ones published; images of any size take them.
"""

import numpy as np

from robench.contracts import Corruption, Draws
from robench.errors import InputError
from robench_corruptions.kernels.arrays import Bytes, Doubles, Singles
from robench_corruptions.kernels.pixels import drawn, to_bytes, to_unit

KAR = "Kar et al. 2022, arXiv:2203.01441; written from its description"
"""Source of the severity tables of ImageNet-3DCC."""

_ISO_PHOTONS = 25
_DARK_PHOTONS = 120
_DARK_NOISE = 0.018


def _color_quant(images: Bytes, bits: int, draws: Draws) -> Bytes:
    """Keep the upper `bits` of the 8 of each value."""
    return images & np.uint8(256 - (1 << (8 - bits)))


def _counted(unit: Doubles, photons: int, draws: Draws, sigma: float) -> Bytes:
    """Return a sensor's reading of `unit`: Poisson arrivals, `photons` at 1, up to a full pixel; then N(0, sigma)."""
    expected = iter(unit * photons)

    def read(source: np.random.RandomState) -> Doubles:
        arrived: Doubles = np.minimum(source.poisson(next(expected)) / photons, 1)
        return arrived + source.normal(0, sigma, unit.shape[1:])

    return to_bytes(drawn(draws, read, unit.shape, np.float64))


def _iso_noise(images: Bytes, sigma: float, draws: Draws) -> Bytes:
    """Add the noise of few photons, then that of the amplifier, N(0, sigma) on the [0, 1] scale."""
    return _counted(to_unit(images), _ISO_PHOTONS, draws, sigma)


def _low_light(images: Bytes, gain: float, draws: Draws) -> Bytes:
    """Stretch each image to [0, 1], square it, darken it by `gain`, and read it with a sensor's noise.

    An image of one value has no range to stretch and keeps that value.
    """
    unit = to_unit(images)
    low, high = (edge(unit, axis=(1, 2, 3), keepdims=True) for edge in (np.min, np.max))
    flat = high == low
    stretched = np.where(flat, unit, (unit - low) / np.where(flat, 1, high - low))
    return _counted(stretched**2 * gain, _DARK_PHOTONS, draws, _DARK_NOISE)


def _flash(images: Bytes, divisor: float, draws: Draws, reshading: Singles) -> Bytes:
    """Brighten by `reshading` / `divisor`: the share of a flash's light, 0 to 1, that each pixel would return."""
    if reshading.max(initial=0) > 1:
        raise InputError(f"maps['reshading']: has the value {reshading.max():g}; expected 0 to 1")
    unit = to_unit(images)
    return to_bytes(unit + unit * reshading[..., None] / divisor)


color_quant = Corruption(
    name="color_quant",
    group="digital",
    function=_color_quant,
    presets={"imagenet": (5, 4, 3, 2, 1)},
    reference=KAR,
)

iso_noise = Corruption(
    name="iso_noise",
    group="noise",
    function=_iso_noise,
    presets={"imagenet": (0.7 * 0.08, 0.7 * 0.12, 0.7 * 0.18, 0.7 * 0.26, 0.7 * 0.38)},
    reference=KAR,
)

low_light = Corruption(
    name="low_light",
    group="lighting",
    function=_low_light,
    presets={"imagenet": (0.6, 0.5, 0.4, 0.3, 0.2)},
    reference=KAR,
)

flash = Corruption(
    name="flash",
    group="lighting",
    function=_flash,
    presets={"imagenet": (2.4, 1.4, 0.9, 0.6, 0.4)},
    reference=KAR,
    maps=("reshading",),
)
