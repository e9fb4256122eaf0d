"""Motion blur along a line, value for value that of ImageMagick 6 at 16 bits a channel."""

import math

import numpy as np

from robench_corruptions.kernels.arrays import Bytes, Doubles, Indices, Singles
from robench_corruptions.kernels.compiled import compiled


def _offsets(taps: int, angles: Doubles) -> tuple[Indices, Indices]:
    """Return the row and column offset of each tap, both (N, taps); they grow from tap to tap."""
    ends, lengths = np.empty((2, len(angles), 1)), np.empty((len(angles), 1))
    for n, degrees in enumerate(angles):  # by the math library: NumPy's sine may differ by a bit
        angle = math.pi * float(degrees) / 180.0
        x, y = taps * math.cos(angle), taps * math.sin(angle)
        ends[:, n, 0], lengths[n] = (y, x), math.hypot(x, y)
    rows, columns = np.ceil(np.arange(taps) * ends / lengths - 0.5).astype(np.int64)
    return rows, columns


@compiled
def _blend(wide: Singles, starts: Indices, weights: Doubles, out: Bytes) -> None:
    """Fill each line of `out` (L, W * C) with the weighted sum of the stretches of `wide` that begin at its `starts`.

    The taps, (L, T) and (T,), go four at a time; T is a multiple of 4. They are added in their order.
    """
    total = np.empty(out.shape[1])
    for y in range(out.shape[0]):
        total[:] = 0.0
        for i in range(0, weights.size, 4):
            a, b, c, d = (
                wide[starts[y, i] :],
                wide[starts[y, i + 1] :],
                wide[starts[y, i + 2] :],
                wide[starts[y, i + 3] :],
            )
            p, q, r, s = weights[i], weights[i + 1], weights[i + 2], weights[i + 3]
            for x in range(total.size):
                value = total[x] + p * a[x]
                value += q * b[x]
                value += r * c[x]
                total[x] = value + s * d[x]
        for x in range(total.size):
            out[y, x] = np.int32(min(total[x] + 0.5, 65535.0)) // np.int32(257)


def streak(images: Bytes, radius: int, sigma: float, angles: Doubles) -> Bytes:
    """Draw every pixel of `images`, uint8 (N, H, W, C), out along `angles` (N,), degrees clockwise from the right.

    Half a Gaussian of `sigma` pixels over 2 * radius + 1 taps, edges clamped, rounded at 16 bits and then
    truncated to 8.
    """
    weights = np.exp(-(np.arange(2 * radius + 1) ** 2) / (2.0 * sigma * sigma)) / (math.sqrt(2 * math.pi) * sigma)
    weights /= sum(weights)
    count, height, width, channels = images.shape
    # Taps of weight 0 fill the last four: they add 0.0.
    rows, columns = _offsets(weights.size, angles)
    spare = ((0, 0), (0, -weights.size % 4))
    rows, columns, weights = np.pad(rows, spare), np.pad(columns, spare), np.pad(weights, spare[1])
    reach = int(np.abs(columns).max())
    repeated = np.clip(np.arange(-reach, width + reach), 0, width - 1)
    values = (repeated[:, None] * channels + np.arange(channels)).reshape(-1)
    # 16-bit levels are whole numbers, which float32 holds.
    wide = images.reshape(count, height, -1).take(values, axis=2).reshape(-1) * np.float32(257)
    lines = np.clip(np.arange(height)[:, None] + rows[:, None, :], 0, height - 1)
    lines += np.arange(count)[:, None, None] * height
    starts = lines * values.size + ((columns + reach) * channels)[:, None, :]
    out = np.empty((count * height, width * channels), np.uint8)
    _blend(wide, starts.reshape(count * height, -1), weights, out)
    return out.reshape(images.shape)
