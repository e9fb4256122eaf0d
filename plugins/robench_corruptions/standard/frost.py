"""Frost: a window's ice over the image, from photographs or drawn."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from robench.contracts import Corruption, Download, Draws, File
from robench.errors import DataError
from robench_corruptions.kernels.arrays import Bytes
from robench_corruptions.kernels.ice import drawn_ice
from robench_corruptions.kernels.pixels import HENDRYCKS

Level = tuple[float, float, float]
"""Gain of the image, gain of the texture, scale of the texture."""


def _covered(images: Bytes, level: Level, draws: Draws, texture_of: Callable[[int], Bytes]) -> Bytes:
    """Add a random crop of a random one of five textures, uint8 (H, W, 3), to each image."""
    height, width = images.shape[1:3]
    crops = []
    for source in draws:
        texture = texture_of(source.randint(5))
        top = source.randint(0, texture.shape[0] - height)
        left = source.randint(0, texture.shape[1] - width)
        crops.append(texture[top : top + height, left : left + width])
    gain, frost_gain, _ = level
    return np.clip(gain * images + frost_gain * np.stack(crops), 0, 255).astype(np.uint8)


def _scaled(texture: Bytes, scale: float, height: int, width: int) -> Bytes:
    """Scale a texture, further than asked where it would not exceed the image."""
    factor = max(scale, (height + 1) / texture.shape[0], (width + 1) / texture.shape[1])
    return np.asarray(cv2.resize(texture, (0, 0), fx=factor, fy=factor), np.uint8)


@lru_cache(maxsize=40)
def _photograph(folder: Path, number: int, scale: float, height: int, width: int) -> Bytes:
    path = folder / Path(frost.assets[number].file.path).name
    picture = cv2.imread(str(path))
    if picture is None:
        raise DataError(f"frost: {path} is not an image that this OpenCV can read")
    scaled = _scaled(np.asarray(picture, np.uint8), scale, height, width)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_BGR2RGB), np.uint8)


@lru_cache(maxsize=40)
def _drawing(number: int, scale: float, height: int, width: int) -> Bytes:
    return _scaled(drawn_ice(number), scale, height, width)


def _frost(images: Bytes, level: Level, draws: Draws, assets: Path) -> Bytes:
    """Cover with the first five of the six published photographs (the published code never uses the sixth)."""
    shape = images.shape[1:3]
    return _covered(images, level, draws, lambda number: _photograph(assets, number, level[2], *shape))


def _frost_procedural(images: Bytes, level: Level, draws: Draws) -> Bytes:
    """Cover as `frost` does, with drawn textures of about the same brightness, contrast and colour."""
    return _covered(images, level, draws, lambda number: _drawing(number, level[2], *images.shape[1:3]))


def _texture(name: str, sha256: str, size: int) -> Download:
    url = f"https://raw.githubusercontent.com/hendrycks/robustness/master/ImageNet-C/create_c/{name}"
    return Download(File(f"frost/{name}", f"sha256:{sha256}", size), mirrors=(url,))


_PRESETS = {
    "cifar": ((1, 0.2, 0.2), (1, 0.3, 0.2), (0.9, 0.4, 0.2), (0.85, 0.4, 0.2), (0.75, 0.45, 0.2)),
    "tiny": ((1, 0.3, 0.3), (0.9, 0.4, 0.3), (0.8, 0.45, 0.3), (0.75, 0.5, 0.3), (0.7, 0.55, 0.3)),
    "imagenet": ((1, 0.4, 1), (0.8, 0.6, 1), (0.7, 0.7, 1), (0.65, 0.7, 1), (0.6, 0.75, 1)),
}

frost = Corruption(
    name="frost",
    group="weather",
    function=_frost,
    presets=_PRESETS,
    reference=HENDRYCKS,
    assets=(
        _texture("frost1.png", "ff9f907860bd7a835d459e32f9d588062b7f61ee267343cc7222b56753a14755", 1_199_930),
        _texture("frost2.png", "fe211a89b336999c207a852ce05818d4545d0b57c5beadd824b4cc9d9a9b6137", 299_002),
        _texture("frost3.png", "2d0d50b4a9bb213f38b024ef7768731bb83cc08d2f26b5766bbc167cdfa0e504", 299_002),
        _texture("frost4.jpg", "3f8b91ca1a9fa7167b09e773da53f5ae60d0a1fd88f02a783f6e328a72887f6e", 36_734),
        _texture("frost5.jpg", "5fc6a19df4a429ba68abdcc8f8a4278d4c9f81c9ccafd2c92ab0c8cf8992ebd2", 155_150),
    ),
    assets_folder="frost",
)

frost_procedural = Corruption(
    name="frost_procedural",
    group="extra",
    function=_frost_procedural,
    presets=_PRESETS,
    reference="robench's own; levels and statistics as frost of " + HENDRYCKS,
)
