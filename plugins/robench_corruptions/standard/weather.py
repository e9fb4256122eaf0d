"""Weather: snow, fog, brightness and spatter (frost has a file of its own)."""

import cv2
import numpy as np

from robench.contracts import Corruption, Draws
from robench_corruptions.kernels.arrays import Bytes, Singles
from robench_corruptions.kernels.diamond_square import plasmas
from robench_corruptions.kernels.gaussian import smooth
from robench_corruptions.kernels.hsv import shifted
from robench_corruptions.kernels.normal import filled, normals
from robench_corruptions.kernels.pixels import HENDRYCKS, drawn, hazed, snowed, splashed, to_bytes, to_unit32
from robench_corruptions.kernels.streak import streak
from robench_corruptions.kernels.zoom import zoomed


def _snow(images: Bytes, level: tuple[float, ...], draws: Draws) -> Bytes:
    """Whiten the image and lay falling flakes over it, once upright and once turned by 180 degrees.

    level = (mean, sd, zoom, threshold, streak radius, streak sigma, weight of the image as it was).
    """
    mean, sd, zoom, threshold, radius, sigma, keep = level
    shape = images.shape[1:3]
    flakes = np.empty((len(images), *shape, 1))
    angles = np.array([source.uniform(-135, -45) for source in filled(flakes, draws)])
    fallen = zoomed(flakes * sd + mean, zoom)
    fallen[fallen < threshold] = 0
    layer = streak(to_bytes(fallen), int(radius), sigma, angles)
    unit = to_unit32(images)
    grey = np.asarray(cv2.cvtColor(unit.reshape(-1, shape[1], 3), cv2.COLOR_RGB2GRAY), np.float32)
    return snowed(unit, grey.reshape(unit.shape[:3]), layer[..., 0], np.float32(keep), np.float32(1 - keep))


def _fog(images: Bytes, level: tuple[float, float], draws: Draws) -> Bytes:
    """Add level[0] times a plasma of decay level[1], then scale back to the brightest value of the image.

    The plasma is the upper left part of a map whose side is the next power of two.
    """
    amount, decay = level
    height, width = images.shape[1:3]
    side = 1 << (max(height, width) - 1).bit_length()
    count = side * side - 1
    numbers = drawn(draws, lambda source: source.random_sample(count), (len(images), count), np.float64)
    return hazed(images, plasmas(numbers, side, decay), float(amount))


def _brightness(images: Bytes, add: float, draws: Draws) -> Bytes:
    """Add to the value channel (HSV)."""
    return to_bytes(shifted(images, 1.0, 0.0, add))


def _water(layer: Bytes, opacity: float) -> Singles:
    """Return the opacity (H, W) of drops: emboss the distance from the rims of `layer`, uint8, 0 where dry."""
    distance = cv2.distanceTransform(255 - cv2.Canny(layer, 50, 150), cv2.DIST_L2, 5)
    distance = cv2.blur(np.minimum(distance, 20), (3, 3)).astype(np.uint8)
    emboss = np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])
    relief = cv2.filter2D(cv2.equalizeHist(distance), cv2.CV_8U, emboss)
    mask: Singles = np.multiply(layer, cv2.blur(relief, (3, 3)), dtype=np.float32)
    thickest = mask.max()
    return mask / thickest * np.float32(opacity) if thickest > 0 else mask


def _spatter(images: Bytes, level: tuple[float, ...], draws: Draws) -> Bytes:
    """Splash pale turquoise water (added) or brown mud (covering) where smoothed noise is above a threshold.

    level = (mean, sd, sigma in pixels, threshold, opacity of water or sigma of mud, 0 = water | 1 = mud). Where the
    noise leaves no liquid the image stays as it is (the published code divides 0 by 0).
    """
    mean, sd, sigma, threshold, extent, mud = level
    noise = normals(draws, images.shape[:3]) * sd + mean
    layer = smooth(noise[..., None], sigma)[..., 0]
    layer[layer < threshold] = 0
    unit = to_unit32(images)
    if mud:
        mask = smooth((layer > threshold).astype(np.float32)[..., None], extent)
        mask[mask < 0.8] = 0
        return splashed(unit, mask[..., 0], _tint(63, 42, 20), True)
    drops = (layer * 255).astype(np.int64).astype(np.uint8)  # by way of int64: above 255 wraps on every machine
    mask = np.stack([_water(each, extent) for each in drops])
    return splashed(unit, mask, _tint(175, 238, 238), False)


def _tint(*rgb: int) -> Singles:
    return np.array([level / 255.0 for level in rgb], dtype=np.float32)


snow = Corruption(
    name="snow",
    group="weather",
    function=_snow,
    presets={
        "cifar": (
            (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
            (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
            (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
            (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
            (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
        ),
        "tiny": (
            (0.1, 0.2, 1, 0.6, 8, 3, 0.8),
            (0.1, 0.2, 1, 0.5, 10, 4, 0.8),
            (0.15, 0.3, 1.75, 0.55, 10, 4, 0.7),
            (0.25, 0.3, 2.25, 0.6, 12, 6, 0.65),
            (0.3, 0.3, 1.25, 0.65, 14, 12, 0.6),
        ),
        "imagenet": (
            (0.1, 0.3, 3, 0.5, 10, 4, 0.8),
            (0.2, 0.3, 2, 0.5, 12, 4, 0.7),
            (0.55, 0.3, 4, 0.9, 12, 8, 0.7),
            (0.55, 0.3, 4.5, 0.85, 12, 8, 0.65),
            (0.55, 0.3, 2.5, 0.85, 12, 12, 0.55),
        ),
    },
    reference=HENDRYCKS,
)

fog = Corruption(
    name="fog",
    group="weather",
    function=_fog,
    presets={
        "cifar": ((0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)),
        "tiny": ((0.4, 3), (0.7, 3), (1, 2.5), (1.5, 2), (2, 1.75)),
        "imagenet": ((1.5, 2), (2, 2), (2.5, 1.7), (2.5, 1.5), (3, 1.4)),
    },
    reference=HENDRYCKS,
)

brightness = Corruption(
    name="brightness",
    group="weather",
    function=_brightness,
    presets={
        "cifar": (0.05, 0.1, 0.15, 0.2, 0.3),
        "tiny": (0.1, 0.2, 0.3, 0.4, 0.5),
        "imagenet": (0.1, 0.2, 0.3, 0.4, 0.5),
    },
    reference=HENDRYCKS,
)

spatter = Corruption(
    name="spatter",
    group="extra",
    function=_spatter,
    presets={
        "cifar": (
            (0.62, 0.1, 0.7, 0.7, 0.5, 0),
            (0.65, 0.1, 0.8, 0.7, 0.5, 0),
            (0.65, 0.3, 1, 0.69, 0.5, 0),
            (0.65, 0.1, 0.7, 0.69, 0.6, 1),
            (0.65, 0.1, 0.5, 0.68, 0.6, 1),
        ),
        "tiny": (
            (0.62, 0.1, 0.7, 0.7, 0.6, 0),
            (0.65, 0.1, 0.8, 0.7, 0.6, 0),
            (0.65, 0.3, 1, 0.69, 0.6, 0),
            (0.65, 0.1, 0.7, 0.68, 0.6, 1),
            (0.65, 0.1, 0.5, 0.67, 0.6, 1),
        ),
        "imagenet": (
            (0.65, 0.3, 4, 0.69, 0.6, 0),
            (0.65, 0.3, 3, 0.68, 0.6, 0),
            (0.65, 0.3, 2, 0.68, 0.5, 0),
            (0.65, 0.3, 1, 0.65, 1.5, 1),
            (0.67, 0.4, 1, 0.65, 1.5, 1),
        ),
    },
    reference=HENDRYCKS,
)
