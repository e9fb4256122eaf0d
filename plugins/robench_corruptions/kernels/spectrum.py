"""Noise with a given spectrum and random phases."""

from functools import lru_cache

import numpy as np

from robench_corruptions.kernels.arrays import Doubles


@lru_cache(maxsize=16)
def frequency(height: int, width: int) -> Doubles:
    """Return the distance (H, W) of each frequency from the middle one in cycles per shorter side.

    As in the published code the middle is at half the side even where that lies between two frequencies.
    """
    side = min(height, width)
    y = (np.arange(height) - height / 2) * (side / height)
    x = (np.arange(width) - width / 2) * (side / width)
    return np.sqrt(x**2 + y[:, None] ** 2)


def phases(state: np.random.RandomState, height: int, width: int) -> Doubles:
    """Return random phases (H, W), those of the right half being those of the left one turned by 180 degrees."""
    left = state.uniform(0, 2 * np.pi, (height, width // 2))
    halves = [left, left[::-1, ::-1]]
    if width % 2:
        upper = state.uniform(0, 2 * np.pi, (height // 2, 1))
        halves.insert(1, np.concatenate([upper, np.zeros((height % 2, 1)), upper[::-1]]))
    return np.concatenate(halves, axis=1)


def spectral_noise(amplitude: Doubles, angles: Doubles) -> Doubles:
    """Return noise (..., H, W) of standard deviation 1 with spectrum `amplitude` (H, W) and phases `angles`."""
    spectrum = amplitude * (np.cos(angles) + np.sin(angles) * 1j)
    noise: Doubles = np.fft.ifft2(np.fft.fftshift(spectrum, axes=(-2, -1))).real
    deviation: Doubles = noise.std(axis=(-2, -1), keepdims=True)
    return noise / deviation
