"""Warping: a random affine map (OpenCV) and a smooth random displacement (as SciPy's map_coordinates)."""

import math

import cv2
import numpy as np

from robench_corruptions.kernels.arrays import Bytes, Doubles, Singles
from robench_corruptions.kernels.compiled import compiled
from robench_corruptions.kernels.gaussian import smooth


def random_affine(image: Singles, jitter: float, source: np.random.RandomState) -> Singles:
    """Return `image`, float32 (H, W, C), warped by moving three points up to `jitter` pixels each way."""
    height, width = image.shape[:2]
    centre, side = np.array([width, height], np.float32) // 2, min(height, width) // 3
    fixed = np.array([centre + side, [centre[0] + side, centre[1] - side], centre - side], np.float32)
    moved = fixed + source.uniform(-jitter, jitter, fixed.shape).astype(np.float32)
    matrix = cv2.getAffineTransform(fixed, moved)
    warped = cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(warped, np.float32)


def random_field(noise: Doubles, alpha: float, sigma: float) -> Singles:
    """Return displacements in pixels, float32 (N, 2, H, W), x before y, from `noise` of that shape."""
    planes = noise.reshape(-1, *noise.shape[2:], 1)
    return (smooth(planes, sigma, truncate=3, reflect=True) * alpha).astype(np.float32).reshape(noise.shape)


@compiled
def _mirrored(position: float, size: int) -> float:
    """Bring a position back into [-0.5, size - 0.5] by mirroring at the outer edge of the border pixels."""
    if position < 0.0:
        period = 2 * size
        if position < -period:
            position += period * int(-position / period)
        if position < -size:
            return position + period
        return (1e-15 if position > -1e-15 else -position) - 1.0
    if position > size - 1:
        position -= 2 * size * int(position / (2 * size))
        return 2 * size - position - 1.0 if position >= size else position
    return position


@compiled
def _sources(position: float, size: int) -> tuple[int, int, float, float]:
    """Return the two pixels around a position and their weights."""
    position = _mirrored(position, size)
    first = math.floor(position)
    near = 1.0 - (position - first)
    low, high = int(first), int(first) + 1
    return max(low, 0), min(high, size - 1), near, 1.0 - near


@compiled
def _displaced(images: Singles, field: Singles) -> Bytes:
    count, height, width, channels = images.shape
    out = np.empty(images.shape, np.uint8)
    for n in range(count):
        for y in range(height):
            for x in range(width):
                a, b, up, down = _sources(y + np.float64(field[n, 1, y, x]), height)
                c, d, left, right = _sources(x + np.float64(field[n, 0, y, x]), width)
                for k in range(channels):
                    value = images[n, a, c, k] * up * left
                    value += images[n, a, d, k] * up * right
                    value += images[n, b, c, k] * down * left
                    value += images[n, b, d, k] * down * right
                    clipped = min(max(np.float32(value), np.float32(0)), np.float32(1))
                    out[n, y, x, k] = np.uint8(np.float32(clipped * np.float32(255)))
    return out


def displaced(images: Singles, field: Singles) -> Bytes:
    """Return uint8 images that show at each pixel what `images`, float32 (N, H, W, C) in [0, 1], have at pixel + field.

    `field` is as `random_field` gives it; bilinear, mirrored at the borders.
    """
    return _displaced(images, field)
