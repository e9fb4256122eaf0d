"""Blurs of CIFAR-10-C-bar: rotation during exposure and a lens that magnifies each colour differently."""

import numpy as np
from scipy.ndimage import spline_filter1d
from scipy.special import cosdg, sindg

from robench.contracts import Corruption, Draws
from robench_corruptions.bar.scale import MINTUN, to_levels
from robench_corruptions.kernels.arrays import Bytes, Doubles
from robench_corruptions.kernels.pixels import to_unit32
from robench_corruptions.kernels.spline import splined

_EXPOSURES = 21


def _turned(height: int, width: int, degrees: float) -> Doubles:
    """Return where a rotation about the centre looks, (2, H, W): rows and columns."""
    cosine, sine = cosdg(degrees), sindg(degrees)
    matrix = np.array([[cosine, sine], [-sine, cosine]])
    centre = (np.array([height, width]) - 1) / 2
    shift = centre - matrix @ centre
    y, x = np.arange(height)[:, None], np.arange(width)
    return np.stack([y * across + x * down + move for (across, down), move in zip(matrix, shift, strict=True)])


def _circular_motion_blur(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Average 21 rotations within 1.5 * severity degrees, Gaussian weights, black outside the image."""
    height, width = images.shape[1:3]
    places = 2 * np.arange(_EXPOSURES) / (_EXPOSURES - 1) - 1
    weights = np.exp(-2 * places**2)
    unit = to_unit32(images)
    spline = spline_filter1d(spline_filter1d(unit, axis=1), axis=2)
    total = np.zeros_like(unit)
    for place, weight in zip(places, weights, strict=True):
        turned = splined(spline, *_turned(height, width, place * (severity * 15 / 10)))
        total += weight * turned.astype(np.float32)
    total /= sum(weights)
    return to_levels(total * np.float32(255))


def _enlarged(size: int, scale: float) -> Doubles:
    """Return where the middle `size` of round(size * scale) evenly spread positions lie, in pixels."""
    whole = round(size * scale)
    return ((whole - size) // 2 + np.arange(size, dtype=np.float64)) * ((size - 1) / (whole - 1))


def _transverse_chromatic_abberation(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Enlarge the colours by 1, 1 + 0.025 * severity and 1 + 0.05 * severity in random order.

    As published, pixels are taken for the coefficients of a cubic spline, so the colour of scale 1 is smoothed too.
    """
    scale = severity * 0.5 / 10
    order = np.array([source.permutation(3) for source in draws])[:, None, None]
    by_scale = np.take_along_axis(images, order.argsort(axis=3), axis=3).astype(np.float64)
    for k, factor in enumerate((1.0, 1.0 + scale / 2, 1.0 + scale)):
        places = np.meshgrid(*(_enlarged(size, factor) for size in images.shape[1:3]), indexing="ij")
        by_scale[..., k : k + 1] = splined(by_scale[..., k : k + 1].copy(), *places)
    return np.take_along_axis(to_levels(by_scale + 0.5), order, axis=3)


circular_motion_blur = Corruption(
    name="circular_motion_blur",
    group="blur",
    function=_circular_motion_blur,
    presets={"cifar": (2.8, 3.6, 4.4, 5.2, 6.0)},
    reference=MINTUN,
)

transverse_chromatic_abberation = Corruption(
    name="transverse_chromatic_abberation",
    group="blur",
    function=_transverse_chromatic_abberation,
    presets={"cifar": (1.0, 2.0, 5.0, 9.0, 10.0)},
    reference=MINTUN,
)
