"""Averaging under a small symmetric kernel by direct sums, byte for byte that of `cv2.filter2D` in float64.

OpenCV goes through a Fourier transform for every kernel of 11 x 11 or more, even where few of its weights are not 0. It
is then off the exact sum by some 3e-13 grey levels; a byte is the same by both ways unless the sum is that near to
a whole number. Such images are named, so that the caller can let OpenCV decide.
"""

import numpy as np

from robench_corruptions.kernels.arrays import Bytes, Doubles, Indices, Singles
from robench_corruptions.kernels.compiled import compiled

GUARD = 1e-10
"""Grey levels around a whole number in which the byte is in doubt: 400 times the distance that was measured."""
Taps = tuple[int, Indices, Indices, Doubles]
"""Reach in pixels, where each row of the kernel begins among the taps, place of each in a padded line, weights."""


def taps(kernel: Singles, channels: int) -> Taps:
    """Return the weights above 0 of the middle row of `kernel` (S, S) and of those below it, in fours.

    The kernel's rows are symmetric about the middle one.
    """
    middle = len(kernel) // 2
    half = kernel[middle:].astype(np.float64)
    rows, columns = np.nonzero(half)
    reach = int(max(rows.max(), np.abs(columns - middle).max()))
    starts, places, weights = [0], [], []
    for row in half[: reach + 1]:
        used = np.flatnonzero(row)
        spare = [0] * (-used.size % 4)
        places += [*((reach + used - middle) * channels), *spare]
        weights += [*row[used], *spare]
        starts.append(len(places))
    return reach, np.array(starts), np.array(places, np.int64), np.array(weights, np.float64)


@compiled
def _folded(i: int, size: int) -> int:
    """Return an index mirrored at the middle of the border pixels, as OpenCV's BORDER_REFLECT_101."""
    while i < 0 or i >= size:
        i = -i if i < 0 else 2 * size - 2 - i
    return i


@compiled
def _pair(above: Bytes, below: Bytes, once: bool, channels: int, reach: int, line: Doubles) -> None:
    """Write the sum of two rows, or the row `once` where they are one, into `line`, mirrored at both ends."""
    pad, pixels = reach * channels, above.size // channels
    middle = line[pad : pad + above.size]
    for x in range(above.size):
        middle[x] = np.float64(np.int32(above[x]) + (np.int32(0) if once else np.int32(below[x])))
    for x in range(1, reach + 1):
        left, right = _folded(-x, pixels), _folded(pixels - 1 + x, pixels)
        for c in range(channels):
            line[pad - x * channels + c] = middle[left * channels + c]
            line[pad + (pixels - 1 + x) * channels + c] = middle[right * channels + c]


@compiled
def _add(total: Doubles, line: Doubles, places: Indices, weights: Doubles) -> None:
    """Add four taps of `line`."""
    a, b, c, d = line[places[0] :], line[places[1] :], line[places[2] :], line[places[3] :]
    p, q, r, s = weights[0], weights[1], weights[2], weights[3]
    for x in range(total.size):
        total[x] += (a[x] * p + b[x] * q) + (c[x] * r + d[x] * s)


@compiled
def _cut(total: Doubles, guard: float, out: Bytes) -> int:
    """Write the whole parts; return how many are in doubt. From 255 on all is 255, and nothing is below 0."""
    doubts = 0
    for x in range(total.size):
        value = total[x]
        byte = np.int32(min(value, 255.0))
        rest = value - byte
        doubts += int((rest < guard) & (byte > 0) & (value < 255.0 + guard))
        doubts += int((rest > 1.0 - guard) & (rest <= 1.0))
        out[x] = np.uint8(byte)
    return doubts


@compiled
def _averaged(
    images: Bytes, channels: int, reach: int, starts: Indices, places: Indices, weights: Doubles, guard: float
) -> tuple[Bytes, Indices]:
    count, height, width = images.shape
    out, doubts = np.empty_like(images), np.zeros(count, np.int64)
    line, total = np.empty(width + 2 * reach * channels), np.empty(width)
    for n in range(count):
        for y in range(height):
            total[:] = 0.0
            for dy in range(reach + 1):
                above, below = images[n, _folded(y - dy, height)], images[n, _folded(y + dy, height)]
                _pair(above, below, dy == 0, channels, reach, line)
                for i in range(starts[dy], starts[dy + 1], 4):
                    _add(total, line, places[i : i + 4], weights[i : i + 4])
            doubts[n] += _cut(total, guard, out[n, y])
    return out, doubts


def averaged(images: Bytes, kernel_taps: Taps, guard: float = GUARD) -> tuple[Bytes, Indices]:
    """Return `images` (N, H, W, C) under the kernel of those `taps`, and the indices of images that are in doubt."""
    lines = images.reshape(*images.shape[:2], -1)
    out, doubts = _averaged(lines, images.shape[3], *kernel_taps, guard)
    return out.reshape(images.shape), np.flatnonzero(doubts)
