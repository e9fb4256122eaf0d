"""Bytes to the unit interval and back, and what is laid over images in one pass.

Every sum has the precision and order of the published code, so results agree to the last bit.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from robench.contracts import Draws
from robench_corruptions.kernels.arrays import Bytes, Doubles, Reals, Singles
from robench_corruptions.kernels.compiled import compiled

HENDRYCKS = "Hendrycks & Dietterich 2019, arXiv:1903.12261; code hendrycks/robustness 8190fe3"
"""Source of algorithms, order of random draws and severity tables of the 19 common corruptions."""

Value = TypeVar("Value", float, np.float32)
Number = TypeVar("Number", bound=np.generic)


def to_unit(images: Bytes) -> Doubles:
    """Return uint8 images as float64 in [0, 1]."""
    return images / 255.0


def to_unit32(images: Bytes) -> Singles:
    """Return uint8 images as float32 in [0, 1]."""
    return np.divide(images, np.float32(255), dtype=np.float32)


@compiled
def _byte(value: Value) -> np.uint8:
    """Return one value of the unit interval as a byte: clipped, truncated, in the precision it comes in."""
    clipped = min(max(value, type(value)(0)), type(value)(1))
    return np.uint8(np.int32(clipped * type(value)(255)))


@compiled
def _to_bytes(unit: Reals) -> Bytes:
    out = np.empty(unit.size, np.uint8)
    for i in range(unit.size):
        out[i] = _byte(unit[i])
    return out


def to_bytes(unit: Reals) -> Bytes:
    """Return float images, clipped to [0, 1], as uint8, truncated, not rounded.

    Truncation darkens by half a grey level; it is part of the published benchmark.
    """
    return _to_bytes(np.ascontiguousarray(unit).reshape(-1)).reshape(unit.shape)


@compiled
def noisy(images: Bytes, noise: Doubles, sigma: float, by_light: bool) -> Bytes:
    """Return uint8 `images` plus `sigma` times `noise`, times the image itself where `by_light`; both flat."""
    out = np.empty_like(images)
    for i in range(images.size):
        unit = images[i] / 255.0
        shift = sigma * noise[i]
        if by_light:
            shift *= unit
        out[i] = np.uint8(np.int32(min(max(shift + unit, 0.0), 1.0) * 255.0))
    return out


@compiled
def _hazed(lines: Bytes, fogs: Doubles, brightest: Doubles, amount: float, across: NDArray[np.uintp]) -> Bytes:
    """Add to each of `lines` (L, W * C) its fog (L, >= W), taken at `across` (W * C,), and scale back."""
    out, fog = np.empty_like(lines), np.empty(lines.shape[1])
    for h in range(lines.shape[0]):
        line, bright = lines[h], brightest[h]
        for x in range(fog.size):
            fog[x] = fogs[h, across[x]]
        for x in range(fog.size):  # a loop of its own: the compiler turns it into vector instructions
            lit = (line[x] / 255.0 + fog[x]) * bright / (bright + amount)
            out[h, x] = np.uint8(np.int32(min(max(lit, 0.0), 1.0) * 255.0))
    return out


def hazed(images: Bytes, plasma: Doubles, amount: float) -> Bytes:
    """Return uint8 `images` (N, H, W, C) plus `amount` times `plasma`, scaled back to the brightest value of each.

    `plasma` is (N, H or more, W or more).
    """
    height, width, channels = images.shape[1:]
    fogs = (plasma * amount)[:, :height].reshape(-1, plasma.shape[2])
    brightest = np.repeat(images.max(axis=(1, 2, 3)) / 255.0, height)
    across = np.repeat(np.arange(width, dtype=np.uintp), channels)
    return _hazed(images.reshape(-1, width * channels), fogs, brightest, amount, across).reshape(images.shape)


@compiled
def snowed(unit: Singles, grey: Singles, flakes: Bytes, keep: np.float32, whiten: np.float32) -> Bytes:
    """Return `unit` (N, H, W, C), whitened by its `grey` (N, H, W), under `flakes`, uint8, and the same turned over.

    `unit`, `grey`, `keep` and `whiten` are float32, the sum with the flakes float64.
    """
    out = np.empty(unit.shape, np.uint8)
    count, height, width, channels = unit.shape
    for n in range(count):
        for h in range(height):
            for w in range(width):
                white = grey[n, h, w] * np.float32(1.5) + np.float32(0.5)
                upright = flakes[n, h, w] / 255.0
                turned = flakes[n, height - 1 - h, width - 1 - w] / 255.0
                for c in range(channels):
                    value = unit[n, h, w, c]
                    base = keep * value + whiten * max(value, white)
                    out[n, h, w, c] = _byte(np.float64(base) + upright + turned)
    return out


@compiled
def splashed(unit: Singles, mask: Singles, tint: Singles, covers: bool) -> Bytes:
    """Return `unit` (N, H, W, C) plus `mask` (N, H, W) times `tint` (C,), all float32.

    A mask that `covers` takes from `unit` what it adds.
    """
    out = np.empty(unit.shape, np.uint8)
    count, height, width, channels = unit.shape
    for n in range(count):
        for h in range(height):
            for w in range(width):
                amount = mask[n, h, w]
                rest = np.float32(1) - amount if covers else np.float32(1)
                for c in range(channels):
                    out[n, h, w, c] = _byte(unit[n, h, w, c] * rest + amount * tint[c])
    return out


@compiled
def flattened(images: Bytes, gain: float) -> Bytes:
    """Return uint8 `images` (N, H, W, C) with every channel pulled to its mean over the image by `gain`."""
    out = np.empty_like(images)
    count, height, width, channels = images.shape
    for n in range(count):
        pixels = images[n].reshape(height * width, channels)
        mapped = np.empty((channels, 256), np.uint8)
        for c in range(channels):
            mean = 0.0
            for i in range(height * width):
                mean += pixels[i, c] / 255.0
            mean /= height * width
            for value in range(256):
                mapped[c, value] = _byte((value / 255.0 - mean) * gain + mean)
        new = out[n].reshape(height * width, channels)
        for i in range(height * width):
            for c in range(channels):
                new[i, c] = mapped[c, pixels[i, c]]
    return out


def drawn(
    draws: Draws,
    draw: Callable[[np.random.RandomState], np.ndarray],
    shape: tuple[int, ...],
    dtype: type[Number],
) -> NDArray[Number]:
    """Return `draw(source)` for each image, in an array of `shape`: one entry of the first axis for each.

    Filling one array, instead of stacking many, spares a third of the time of Gaussian noise.
    """
    numbers = np.empty(shape, dtype)
    for row, source in zip(numbers, draws, strict=True):
        row[...] = draw(source)
    return numbers
