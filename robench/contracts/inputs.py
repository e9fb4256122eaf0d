"""Inputs: what a network sees, one image or one clip; its size is asked for here and nowhere else."""

from dataclasses import dataclass
from math import prod
from typing import final

ImageSize = int | tuple[int, int]
"""Pixels of a side where images are square, else (height, width)."""


def sides(size: ImageSize) -> tuple[int, int]:
    """Return height and width in pixels.

    Example:
        >>> sides(32), sides((32, 48))
        ((32, 32), (32, 48))
    """
    return (size, size) if isinstance(size, int) else size


@final
@dataclass(frozen=True)
class Inputs:
    """One image, or with `frames` one clip, as data sets hold it and as networks take it. Sizes in pixels.

    Data sets hold uint8 in `layout`, networks take float32 `shape` behind the batch.

    Example:
        >>> image = Inputs(channels=3, height=32, width=48)
        >>> image.shape, image.stored_shape, image.layout
        ((3, 32, 48), (32, 48, 3), 'NHWC')
        >>> str(Inputs(3, 112, 112, frames=16))
        '3x16x112x112'
    """

    channels: int
    height: int
    width: int
    frames: int | None = None

    @classmethod
    def of_images(cls, channels: int, size: ImageSize) -> "Inputs":
        """Return images of so many channels, square or (height, width)."""
        return cls(channels, *sides(size))

    @property
    def shape(self) -> tuple[int, ...]:
        """What a network takes of one sample: (C, H, W), or (C, T, H, W) of a clip."""
        return (self.channels, *self._time, self.height, self.width)

    @property
    def stored_shape(self) -> tuple[int, ...]:
        """What a data set holds of one sample: (H, W, C), or (T, H, W, C) of a clip."""
        return (*self._time, self.height, self.width, self.channels)

    @property
    def layout(self) -> str:
        """The axes of many samples as data sets hold them."""
        return "NHWC" if self.frames is None else "NTHWC"

    @property
    def image_size(self) -> ImageSize:
        """What a model is built for: the side of square images, else (height, width)."""
        return self.height if self.height == self.width else (self.height, self.width)

    @property
    def values(self) -> int:
        """Numbers in one sample, and bytes of it in a data set."""
        return prod(self.shape)

    @property
    def _time(self) -> tuple[int, ...]:
        return () if self.frames is None else (self.frames,)

    def __str__(self) -> str:
        return "x".join(map(str, self.shape))
