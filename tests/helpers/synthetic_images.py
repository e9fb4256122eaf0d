"""The images that the published code was given for the reference digests, made again.

All is in whole numbers, and random numbers are `RandomState.randint` in 64 bits, whose stream NumPy has frozen: the
bytes are the same on every machine. Image i depends on (side, i) alone.
"""

from collections.abc import Callable

import numpy as np

_ONE = 4096
"""1 in fixed point, of positions; levels have 1/256."""
_PRIMARIES = [(0, 0, 0), (1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1), (1, 0, 1)]


class _Painter:
    """Random numbers, and positions x and y in [0, 1) of the pixels of one image."""

    def __init__(self, side: int, index: int) -> None:
        random = np.random.RandomState([0, side, index])
        axis = (2 * np.arange(side, dtype=np.int64) + 1) * _ONE // (2 * side)
        self.side, self.x, self.y = side, *np.broadcast_arrays(axis[None, :], axis[:, None])
        self.pick: Callable[..., np.ndarray] = lambda low, high, size=None: random.randint(low, high, size, np.int64)

    def field(self, low: int, high: int) -> np.ndarray:
        """A slope between four levels at the corners."""
        a, b, c, d = self.pick(low * 256, high * 256, 4)
        above, below = a * (_ONE - self.x) + b * self.x, c * (_ONE - self.x) + d * self.x
        return (above * (_ONE - self.y) + below * self.y) // _ONE**2

    def texture(self, *weights: int) -> np.ndarray:
        """Noise, smoothed by boxes of radius 0, 1, 2, 4, ...: one share of each."""
        total = np.zeros((self.side, self.side), np.int64)
        for octave, weight in enumerate(weights):
            radius = 2**octave // 2
            if 2 * radius + 1 > self.side:
                break
            noise = self.pick(-128, 129, total.shape)
            for axis in (0, 1):
                noise = sum(np.roll(noise, k, axis) for k in range(-radius, radius + 1))
            total += weight * 16 * noise // (2 * radius + 1)
        return total

    def shape(self) -> np.ndarray:
        """A mask: an ellipse, a rectangle, a band or stripes."""
        kind, x, y = int(self.pick(0, 5)), self.x, self.y
        dx, dy = (axis - centre for axis, centre in zip((x, y), self.pick(0, _ONE, 2), strict=True))
        rx, ry = self.pick(_ONE // 16, _ONE // 3, 2)
        p, q = self.pick(-64, 65, 2)
        if kind <= 1:
            along, down = dx + dy * p // 128, dy + dx * q // 128
            return along**2 * ry**2 + down**2 * rx**2 <= rx**2 * ry**2
        if kind == 3:
            return (dx * p + dy * q >= 0) & (dx * p + dy * q < 16 * rx)
        inside = (abs(dx) <= rx) & (abs(dy) <= ry)
        width = 96 * max(rx // 3, 2 * _ONE // self.side)
        return inside if kind == 2 else inside & ((x * (64 + p) + y * (64 + q)) // width % 2 == 0)

    def colour(self) -> np.ndarray:
        """Every third is a primary one."""
        levels = self.pick(0, 256, 3)
        return np.where(levels > 127, 255, 0) if self.pick(0, 3) == 0 else levels


def _painted(painter: _Painter) -> np.ndarray:
    """Slopes, blobs, coarse texture, shapes, fine texture in places, light and shade."""
    pick = painter.pick
    image = np.stack([painter.field(0, 256) for _ in range(3)], axis=-1)
    for _ in range(3):
        x, y, radius = pick(_ONE // 8, _ONE, 3)
        colour, square = pick(-128, 129, 3), radius * radius
        fall = np.maximum(0, square - (painter.x - x) ** 2 - (painter.y - y) ** 2) // (square // 256)
        image += fall[..., None] * colour
    coarse = painter.texture(0, 0, 1, 3, 4, 5, 5)
    image += coarse[..., None] * pick(1, 5, 3) // 4
    for _ in range(int(pick(5, 10))):
        mask, colour, opacity = painter.shape(), painter.colour() * 256, pick(128, 257)
        image = np.where(mask[..., None], (image * (256 - opacity) + colour * opacity) // 256, image)
    fine = painter.texture(2, 5, 4, 2)
    image += (fine * np.clip(painter.field(-128, 256), 0, 65536) // 65536)[..., None]
    return image * painter.field(64, 432)[..., None] // 65536


def _image(side: int, index: int) -> np.ndarray:
    """Of each eight one is dark and dull, one grey, one bright, one with patches of primary colours."""
    image, special = _painted(_Painter(side, index)), index % 8
    if special == 2:
        image = 20 * 256 + image // 4
    elif special == 3:
        image = np.repeat((image @ np.array([77, 150, 29]) // 256)[..., None], 3, axis=2)
    elif special == 5:
        image = 140 * 256 + image // 2
    elif special == 6:
        step, top = side // 8, side // 2
        image[top : top + step, : 8 * step] = np.repeat(np.array(_PRIMARIES) * 255 * 256, step, axis=0)
    return np.clip(image // 256, 0, 255).astype(np.uint8)


def synthetic_images(count: int, side: int) -> np.ndarray:
    """Return uint8 (count, side, side, 3)."""
    return np.stack([_image(side, index) for index in range(count)])
