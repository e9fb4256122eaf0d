"""Gaussian smoothing, value for value that of `scipy.ndimage.gaussian_filter`, some times faster.

Sums run in SciPy's order (outermost pair of taps first), so results agree to the last bit; the speed comes from
walking along rows, which the compiler turns into vector instructions.
"""

import numpy as np
from numpy.typing import NDArray

from robench_corruptions.kernels.arrays import Doubles, Real, Reals
from robench_corruptions.kernels.compiled import compiled


@compiled
def _index(i: int, size: int, reflect: bool) -> int:
    if not reflect:
        return min(max(i, 0), size - 1)
    i %= 2 * size
    return i if i < size else 2 * size - 1 - i


@compiled
def _rows(images: NDArray[Real], taps: Doubles, reflect: bool, out: NDArray[Real]) -> None:
    """Smooth along the H of `images` (N, H, W * C)."""
    count, height, width = images.shape
    total = np.empty(width)
    for n in range(count):
        for y in range(height):
            for x in range(width):
                total[x] = images[n, y, x] * taps[0]
            for k in range(taps.size - 1, 0, -1):
                above, below = _index(y - k, height, reflect), _index(y + k, height, reflect)
                weight = taps[k]
                for x in range(width):
                    total[x] += (np.float64(images[n, above, x]) + images[n, below, x]) * weight
            for x in range(width):
                out[n, y, x] = total[x]


@compiled
def _columns(lines: Reals, channels: int, taps: Doubles, reflect: bool) -> None:
    """Smooth along the W of `lines` (N * H, W * C) in place."""
    count, width = lines.shape
    pixels, reach = width // channels, taps.size - 1
    line, total = np.empty(width + 2 * reach * channels), np.empty(width)
    for y in range(count):
        for x in range(-reach, pixels + reach):
            start = _index(x, pixels, reflect) * channels
            for c in range(channels):
                line[(x + reach) * channels + c] = lines[y, start + c]
        middle = line[reach * channels :]
        for x in range(width):
            total[x] = middle[x] * taps[0]
        for k in range(reach, 0, -1):
            left, right, weight = line[(reach - k) * channels :], line[(reach + k) * channels :], taps[k]
            for x in range(width):
                total[x] += (left[x] + right[x]) * weight
        for x in range(width):
            lines[y, x] = total[x]


def smooth(images: NDArray[Real], sigma: float, *, truncate: float = 4.0, reflect: bool = False) -> NDArray[Real]:
    """Smooth the middle two axes of `images` (N, H, W, C), float32 or float64, with a Gaussian of `sigma` pixels.

    The kernel ends at `truncate` sigmas. Beyond the border the nearest pixel goes on, or with `reflect` the
    image mirrored at its edge (d c b a | a b c d). The dtype is kept; sums are float64.
    """
    radius = int(truncate * sigma + 0.5)
    if radius == 0:
        return images.copy()
    weights = np.exp(-0.5 / (sigma * sigma) * np.arange(-radius, radius + 1) ** 2)
    taps = (weights / weights.sum())[radius:]
    flat = np.ascontiguousarray(images).reshape(*images.shape[:2], -1)
    out = np.empty_like(flat)
    _rows(flat, taps, reflect, out)
    _columns(out.reshape(-1, flat.shape[2]), images.shape[3], taps, reflect)
    return out.reshape(images.shape)
