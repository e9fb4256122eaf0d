"""Image files that are decoded when they are asked for: a set of any size in little memory."""

import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, final

import numpy as np
from PIL import Image

from robench.contracts import ImageSize, sides
from robench.download.outside import reading
from robench.environment import cores
from robench.errors import DataError
from robench.text import shown

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
"""What a file may hold, whatever its name ends in: ImageNet has a PNG that is named JPEG."""
MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"})
"""Pillow's modes of at most 8 bits a channel that become RGB."""
_SIXTEEN = re.compile(r";(16[BLNS]|32)")
"""Pillow's raw modes of more: `RGB;16B`, but not `BGR;16`, which is 16 bits a pixel."""


@final
class Pictures:
    """N image files below `folder`, read like an array uint8 (N, height, width, 3) that knows slices alone.

    An image is decoded to RGB; with `resize` its shorter side is made that long (bilinear with antialiasing), and its
    centre is cut out: torchvision's Resize and CenterCrop on PIL images. Without `resize` an image of that size stays
    as it is. `size` is a side of squares, else (height, width). A file that `decoded` refuses, or that is too small,
    raises DataError.
    """

    def __init__(self, folder: Path, names: Sequence[str], size: ImageSize, resize: int | None = None) -> None:
        self.folder, self.resize = folder, resize
        self.height, self.width = sides(size)
        self.names = np.array([os.fsencode(name) for name in names])  # a third of what a list of str takes

    def __len__(self) -> int:
        return len(self.names)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Shape of all images together."""
        return len(self), self.height, self.width, 3

    def __getitem__(self, places: slice) -> np.ndarray:
        """Decode the images of a slice, one after another in this thread."""
        chosen = range(len(self))[places]
        images = np.empty((len(chosen), *self.shape[1:]), np.uint8)
        for row, place in enumerate(chosen):
            images[row] = self.decode(place)
        return images

    def path(self, place: int) -> Path:
        """Return the file of one image."""
        return self.folder / os.fsdecode(self.names[place])

    def decode(self, place: int) -> np.ndarray:
        """Return one image, uint8 (height, width, 3)."""
        image = self.open(place)
        if self.resize is not None:
            image = _with_shorter_side(image, self.resize)
        if image.width < self.width or image.height < self.height:
            found = f"{image.width} x {image.height} pixels"
            raise DataError(f"{shown(self.path(place))}: {found}; at least {self.width} x {self.height} are needed")
        return np.asarray(_centre(image, self.width, self.height))

    def open(self, place: int) -> Image.Image:
        """Return one image as it is in its file, as RGB."""
        return decoded(self.path(place))


def decoded(path: Path) -> Image.Image:
    """Return an image file as RGB of 8 bits a channel; raises DataError, with its path, for one that cannot be so.

    Grey, palette, CMYK and YCbCr become RGB and transparency is left away, as by torchvision's default loader, and of
    several frames the first is taken; turning by EXIF is not done. Where that loader converts silently, this one
    refuses: 16-bit and float values have no scale that all agree on, and would become white, black or coarser.
    """
    with reading(path, "image"), Image.open(path, formats=FORMATS) as image:
        _require_eight_bits(path, image)
        image.info.pop("transparency", None)
        return image.convert("RGB")


def size_of(path: Path) -> tuple[int, int]:
    """Return width and height in pixels, from the head of an image file; raises as `decoded`."""
    with reading(path, "image"), Image.open(path, formats=FORMATS) as image:
        _require_eight_bits(path, image)
        return image.size


def _require_eight_bits(path: Path, image: Image.Image) -> None:
    """Refuse what has more than 8 bits a channel, as it is stored: Pillow cuts 16-bit RGB down to 8 as it opens it."""
    stored = " ".join(str(part) for tile in getattr(image, "tile", ()) for part in tile)
    if image.mode not in MODES or _SIXTEEN.search(stored):
        raise DataError(
            f"{shown(path)}: holds more than 8 bits a channel (Pillow's mode {image.mode!r}); convert it to 8 bits, "
            "so that you choose the scale"
        )


def _with_shorter_side(image: Image.Image, length: int) -> Image.Image:
    short = min(image.size)
    width, height = (length if side == short else int(length * side / short) for side in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR)


def _centre(image: Image.Image, width: int, height: int) -> Image.Image:
    left, top = round((image.width - width) / 2), round((image.height - height) / 2)
    return image.crop((left, top, left + width, top + height))


Given = TypeVar("Given")
Made = TypeVar("Made")

ImageSource = np.ndarray | Pictures
"""uint8 (N, H, W, C) in memory or in a file, or image files."""


def batches(images: ImageSource, size: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the places and the pixels, uint8 (size or fewer, H, W, C), of one batch after another.

    Of image files at most three batches are in memory at a time.
    """
    places = [slice(start, min(start + size, len(images))) for start in range(0, len(images), size)]
    if isinstance(images, np.ndarray):
        yield from ((place, images[place]) for place in places)
        return
    decoded = in_order(images.decode, range(len(images)), ahead=2 * size)
    for place in places:
        yield place, np.stack([next(decoded) for _ in range(place.stop - place.start)])


def in_order(function: Callable[[Given], Made], given: Iterable[Given], *, ahead: int) -> Iterator[Made]:
    """Yield `function` of each of `given`, in order, worked on by a thread a core, at most `ahead` in advance.

    Decoding and resizing by Pillow run beside each other: they do not hold Python's lock.
    """
    waiting: deque[Future[Made]] = deque()
    pool = ThreadPoolExecutor(cores(), thread_name_prefix="robench-decode")
    try:
        for one in given:
            waiting.append(pool.submit(function, one))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
