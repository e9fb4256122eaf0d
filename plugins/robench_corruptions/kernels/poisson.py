"""Poisson numbers for the 256 means that bytes have, number for number those of `numpy.random.RandomState.poisson`.

Below a mean of 10 NumPy counts how many uniform numbers can be multiplied before the product falls to exp(-mean); from
10 on it turns two uniform numbers into one and rejects some (Hörmann 1993, PTRS). What depends on the mean alone lies
in a table here, and uniform numbers are drawn in bulk.
"""

import math
from functools import lru_cache

import numpy as np

from robench_corruptions.kernels.arrays import Bytes, Doubles
from robench_corruptions.kernels.compiled import compiled

_AT_ONCE = 8192
"""Uniform numbers drawn at once: 64 KiB, which a first- or second-level cache holds."""
_FEW = 64
"""So many are left to NumPy, whose call for an array takes as long as some rounds here."""

# Stirling's series of the logarithm of the gamma function, in the digits of NumPy.
_STIRLING = np.array(
    [
        8.333333333333333e-02,
        -2.777777777777778e-03,
        7.936507936507937e-04,
        -5.952380952380952e-04,
        8.417508417508418e-04,
        -1.917526917526918e-03,
        6.410256410256410e-03,
        -2.955065359477124e-02,
        1.796443723688307e-01,
        -1.39243221690590e00,
    ]
)
_HALF_LOG_2_PI = 0.5 * 1.8378770664093453


@compiled
def _log_factorial(k: int) -> float:
    """Return log k! in the steps of NumPy: Stirling's series at 7 or above, then down by recurrence."""
    if k < 2:
        return 0.0
    steps = max(6 - k, 0)
    x = float(k + 1 + steps)
    square = (1.0 / x) * (1.0 / x)
    total = _STIRLING[9]
    for i in range(8, -1, -1):
        total = total * square + _STIRLING[i]
    total = total / x + _HALF_LOG_2_PI + (x - 0.5) * math.log(x) - x
    for _ in range(steps):
        total -= math.log(x - 1.0)
        x -= 1.0
    return float(total)


@compiled
def _counted(
    levels: Bytes, first: int, table: Doubles, numbers: Doubles, seen: Bytes, out: Bytes
) -> tuple[int, int, int]:
    """Fill `out` from `first` on as far as the uniform `numbers` go.

    Return the index that they do not suffice for, how many numbers those before it used, and needed at the least.
    """
    means, leasts, ends, widths, slopes = table[0], table[1], table[2], table[3], table[4]
    scales, quicks, logs = table[5], table[6], table[7]
    used, met, at, most = 0, 0.0, 0, seen.size - 1
    for i in range(first, levels.size):
        level = levels[i]
        mean, k = means[level], -1
        if mean >= 10:
            width, slope = widths[level], slopes[level]
            while at + 1 < numbers.size:
                u, v = numbers[at] - 0.5, numbers[at + 1]
                at += 2
                edge = max(0.5 - abs(u), 1e-17)  # 0, by which NumPy divides, is rejected either way
                k = math.floor((2 * slope / edge + width) * u + mean + 0.43)
                if edge >= 0.07 and v <= quicks[level]:
                    break
                if k >= 0 and not (edge < 0.013 and v > edge):
                    drawn = math.log(v) + scales[level] - math.log(slope / (edge * edge) + width)
                    if drawn <= -mean + k * logs[level] - _log_factorial(k):
                        break
                k = -1
        elif mean > 0:
            end, product, n = ends[level], 1.0, 0
            while at < numbers.size:
                product *= numbers[at]
                at += 1
                if product <= end:
                    k = n
                    break
                n += 1
        else:
            k = 0
        if k < 0:
            return i, used, int(met)
        out[i] = seen[min(k, most)]
        used = at
        met += leasts[level]
    return levels.size, used, int(met)


@lru_cache(maxsize=16)
def _table(photons: int) -> Doubles:
    """Return (8, 256): mean, least uniform numbers taken, exp(-mean), and five constants of the rejection."""
    table = np.zeros((256, 8))
    for level, row in enumerate(table):
        mean = level / 255.0 * photons
        row[:3] = mean, 1 if level else 0, math.exp(-mean)
        if mean >= 10:
            width = 0.931 + 2.53 * math.sqrt(mean)
            scale, quick = math.log(1.1239 + 1.1328 / (width - 3.4)), 0.9277 - 3.6224 / (width - 2)
            row[1:] = 2, 0, width, -0.059 + 0.02483 * width, scale, quick, math.log(mean)
    return np.ascontiguousarray(table.T)


def poissons(levels: Bytes, photons: int, seen: Bytes, source: np.random.RandomState, out: Bytes) -> None:
    """Write seen[min(k, photons)] into `out`, k a Poisson number from `source` of mean `levels` / 255 * `photons`.

    `levels` and `out` are (K,), `seen` is (photons + 1,), all uint8.
    """
    table = _table(photons)
    need, at, numbers = int(table[1].astype(np.uint8).take(levels).sum()), 0, np.empty(0)
    while True:
        at, used, met = _counted(levels, at, table, numbers, seen, out)
        need, left = need - met, numbers[used:]
        if at == levels.size:
            return
        if need < _FEW and not left.size:
            counts = source.poisson(table[0].take(levels[at:]))
            out[at:] = seen[np.minimum(counts, photons)]
            return
        # Never more than will be used: one that has begun takes one more or more, the others what they take at least.
        least = need - 1 if left.size else need
        numbers = source.random_sample(min(least, _AT_ONCE) if need >= _FEW else 1)
        if left.size:
            numbers = np.concatenate([left, numbers])
