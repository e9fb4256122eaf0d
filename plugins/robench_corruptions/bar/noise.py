"""Noise of ImageNet-C-bar and CIFAR-10-C-bar: fields and waves added to the image or mixed with it."""

import numpy as np

from robench.contracts import Corruption, Draws
from robench_corruptions.bar.scale import MINTUN, reseed, shorter_side, to_levels
from robench_corruptions.kernels.arrays import Bytes
from robench_corruptions.kernels.perlin import lattice, turbulence
from robench_corruptions.kernels.spectrum import frequency, phases, spectral_noise
from robench_corruptions.kernels.waves import plane_wave, plasma, rings


def _brownish_noise(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Add to each channel noise of amplitude spectrum 1 / (1 + k**2) and 6.4 * severity grey levels."""
    height, width = images.shape[1:3]
    amplitude = 1 / (frequency(height, width) ** 2 + 1)
    state, out = np.random.RandomState(0), np.empty_like(images)
    for n, source in enumerate(draws):
        reseed(state, source)
        noise = spectral_noise(amplitude, np.stack([phases(state, height, width) for _ in range(3)]))
        out[n] = to_levels(images[n] + severity * 64 / 10 * noise.transpose(1, 2, 0))
    return out


def _perlin_noise(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Mix a share of 0.05 * severity of the turbulence of Perlin noise, cells of S / 7 pixels and 5 octaves, in."""
    height, width = images.shape[1:3]
    cell, share = 32 * shorter_side(images) / 224, severity * 0.5 / 10
    state, out = np.random.RandomState(0), np.empty_like(images)
    for n, source in enumerate(draws):
        noise = turbulence(*lattice(reseed(state, source)), height, width, cell, 5)
        noise = np.clip(0.5 * noise + 0.5, 0, 1)[..., None]
        out[n] = to_levels(np.float32(1 - share) * images[n].astype(np.float32) + 255 * share * noise)
    return out


def _plasma_noise(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Mix coloured plasma of 6.4 * severity grey levels in."""
    height, width = images.shape[1:3]
    side, amount, out = shorter_side(images), severity * 64 / 10, np.empty_like(images)
    for n, source in enumerate(draws):
        time, iterations = source.uniform(0, 6 * np.pi), int(source.randint(4, 7, dtype=np.int64))
        sharpness, scale = source.uniform(0.5, 1), source.uniform(0.075, 0.2) * side
        noise = plasma(height, width, time, iterations, sharpness, scale)
        out[n] = to_levels((1 - amount / 255) * images[n] + amount * noise)
    return out


def _cocentric_sine_waves(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Add saw-toothed rings, 12.8 * severity grey levels high, waved along the angle."""
    (height, width), side, out = images.shape[1:3], shorter_side(images), np.empty_like(images)
    for n, source in enumerate(draws):
        x0, y0 = source.uniform(0, 1, 2) * (width, height)
        waves = source.uniform(0, 10), source.uniform(0, side / 10), source.uniform(0, side / 10)
        out[n] = to_levels(images[n] + severity * 128 / 10 * rings(height, width, x0, y0, *waves)[..., None])
    return out


def _single_frequency_greyscale(images: Bytes, severity: float, draws: Draws) -> Bytes:
    """Add one plane wave of 19.6 * severity grey levels, at most half a cycle per pixel along each side."""
    (height, width), out = images.shape[1:3], np.empty_like(images)
    for n, source in enumerate(draws):
        first = source.uniform(-np.pi, np.pi)
        second = source.uniform(-abs(first), abs(first))
        along_x, along_y = np.array([first, second])[source.permutation(2)]
        wave = plane_wave(height, width, along_x, along_y, source.uniform(0, 2 * np.pi))
        out[n] = to_levels(images[n] + severity * 196 / 10 * wave[..., None])
    return out


brownish_noise = Corruption(
    name="brownish_noise",
    group="noise",
    function=_brownish_noise,
    presets={"cifar": (2.5, 4.0, 5.5, 6.5, 7.0), "imagenet": (1.0, 2.0, 3.0, 4.0, 5.0)},
    reference=MINTUN,
)

perlin_noise = Corruption(
    name="perlin_noise",
    group="noise",
    function=_perlin_noise,
    presets={"imagenet": (4.6, 5.2, 5.8, 7.6, 8.8)},
    reference=MINTUN,
)

plasma_noise = Corruption(
    name="plasma_noise",
    group="noise",
    function=_plasma_noise,
    presets={"imagenet": (4.75, 7.0, 8.5, 9.25, 10.0)},
    reference=MINTUN,
)

cocentric_sine_waves = Corruption(
    name="cocentric_sine_waves",
    group="noise",
    function=_cocentric_sine_waves,
    presets={"imagenet": (3.0, 5.0, 8.0, 9.0, 10.0)},
    reference=MINTUN,
)

single_frequency_greyscale = Corruption(
    name="single_frequency_greyscale",
    group="noise",
    function=_single_frequency_greyscale,
    presets={"imagenet": (1.0, 1.5, 2.0, 4.5, 5.0)},
    reference=MINTUN,
)
