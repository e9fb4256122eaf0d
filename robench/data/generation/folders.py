"""Making corrupted sets of image files in the published layout; what is finished stays after a kill.

`<corruption>/<severity>/<class>/<image>.png` (lossless), or `.JPEG` of a quality. A file appears whole or not at all,
and one that is there is not made again.
"""

import glob
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import final

import numpy as np
from PIL import Image

from robench.contracts import Corruption, Suite
from robench.data.generation import cache
from robench.data.generation.workers import count, workers
from robench.data.image_files import FORMATS, Pictures
from robench.download.disk import alone, require_space, writable
from robench.download.outside import map_array, reading
from robench.errors import DataError
from robench.progress import Report, preparing
from robench.text import shown


def read_map(folder: Path, place: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return the map of the image `<class>/<name>` as float32 (height, width).

    It is `<class>/<name>.npy` of numbers, or `.png` of 8 or 16 bits, in `folder`, of the image as it is corrupted
    (resized and cropped). Raises DataError where it is missing, damaged or of another shape.
    """
    path = folder / f"{place}.npy"
    if not path.exists():
        path = folder / f"{place}.png"
    if not path.exists():
        raise DataError(f"{folder}: no map {place}.npy or {place}.png")
    values = np.array(map_array(path)) if path.suffix == ".npy" else _grey(path)
    if values.shape != shape or values.dtype.kind not in "uif":
        raise DataError(f"{shown(path)}: holds {values.dtype} {values.shape}; numbers {shape} are needed")
    return values.astype(np.float32)


def _grey(path: Path) -> np.ndarray:
    """Return the grey values of a file as they are stored; those of a palette would be numbers of colours."""
    with reading(path, "image"), Image.open(path, formats=FORMATS) as image:
        if image.mode not in ("L", "F") and image.mode[0] != "I":
            raise DataError(f"{shown(path)}: not a map of grey values (Pillow's mode {image.mode!r})")
        return np.asarray(image)


PIECE_BYTES = 4 << 20
PNG_SHARE, JPEG_SHARE = 0.8, 0.2
"""Bytes of the files over those of their pixels, on the safe side of what ImageNet's corruptions take on average."""


@final
@dataclass(frozen=True)
class Artist:
    """Makes the files of a few images under every corruption of `names`: each image is decoded once.

    `places` are the images' files, `<class>/<name>` without suffix; `maps` gives the folder of each map that a
    corruption may need; `quality` None writes PNG.
    """

    suite: Suite
    root: Path
    home: Path
    pictures: Pictures
    places: tuple[str, ...]
    names: tuple[str, ...]
    maps: Mapping[str, Path]
    quality: int | None

    def __call__(self, piece: range) -> int:
        """Make what is not there of a piece; returns the number of files that are there now."""
        pixels = None
        for name in self.names:
            for severity in self.suite.severities:
                absent = [place for place in piece if not self.target(name, severity, place).exists()]
                if absent and pixels is None:
                    pixels = self.pictures[piece.start : piece.stop]
                if absent and pixels is not None:
                    images = self._corrupted(pixels, name, severity, piece)
                    for place in absent:
                        _write(images[place - piece.start], self.target(name, severity, place), self.quality)
        return len(piece) * len(self.names) * len(self.suite.severities)

    def target(self, name: str, severity: int, place: int) -> Path:
        """Return the file of one image under one corruption."""
        suffix = ".png" if self.quality is None else ".JPEG"
        return self.home / name / str(severity) / f"{self.places[place]}{suffix}"

    def _corrupted(self, pixels: np.ndarray, name: str, severity: int, piece: range) -> np.ndarray:
        from robench import registry
        from robench.corruption.images import corrupt

        plugin: Corruption = registry.load("corruption", name)
        return corrupt(
            pixels,
            name,
            severity,
            preset=self.suite.preset,
            seed=self.suite.corruption_seed,
            stream="counter",
            first_index=piece.start,
            data=self.root,
            maps={kind: self._maps(self.maps[kind], piece) for kind in plugin.maps},
        )

    def _maps(self, folder: Path, piece: range) -> np.ndarray:
        return np.stack([read_map(folder, self.places[place], self.pictures.shape[1:3]) for place in piece])


def complete(artist: Artist, recipes: Mapping[str, str], report: Report, jobs: int | None = None) -> None:
    """Make what is not ready of `recipes` (corruption -> recipe); `report` counts images.

    Of two processes one makes the files and the other waits for them. Raises DataError where the disk has no room or
    cannot be written.
    """
    if not unready(artist.home, recipes):
        return
    with writable(artist.home), alone(artist.home / ".lock", report):
        names = unready(artist.home, recipes)
        for name in names:
            _begin(artist.home, name, recipes[name])
        _make(replace(artist, names=tuple(names)), report, jobs)
        for name in names:
            cache.finish(artist.home, name, _images(artist))


def unready(home: Path, recipes: Mapping[str, str]) -> list[str]:
    """Return the corruptions that were not made by their recipe, or of which files are gone."""
    made = cache.index(home)
    return [
        name
        for name, recipe in recipes.items()
        if not cache.finished(home, name, recipe) or count_files(home / name) != int(made[name]["images"])
    ]


def bytes_of(images: int, image_bytes: int, quality: int | None) -> int:
    """Return about how many bytes the files take of so many images of `image_bytes` each."""
    share = PNG_SHARE if quality is None else JPEG_SHARE
    return int(images * image_bytes * share)


def _make(artist: Artist, report: Report, jobs: int | None) -> None:
    suite, image_bytes = artist.suite, prod(artist.pictures.shape[1:])
    total = len(artist.names) * _images(artist)
    absent = total - sum(count_files(artist.home / name) for name in artist.names)
    require_space(artist.home, suite.name, bytes_of(absent, image_bytes, artist.quality))
    classes = sorted({place.partition("/")[0] for place in artist.places})
    for name in artist.names:
        for severity in suite.severities:
            for folder in classes:
                (artist.home / name / str(severity) / folder).mkdir(parents=True, exist_ok=True)
    done = 0
    with workers(count(jobs, absent * image_bytes), artist) as work:
        for finished in work(_pieces(artist.pictures)):
            done += finished
            report(preparing(suite.name, done, total))


def _images(artist: Artist) -> int:
    return len(artist.pictures) * len(artist.suite.severities)


def _pieces(pictures: Pictures) -> Iterator[range]:
    step = max(1, PIECE_BYTES // prod(pictures.shape[1:]))
    for start in range(0, len(pictures), step):
        yield range(start, min(start + step, len(pictures)))


def _begin(home: Path, name: str, recipe: str) -> None:
    """Keep the files of an interrupted attempt by the same recipe, throw those of another one away."""
    if cache.index(home).get(name, {}).get("recipe") != recipe:
        shutil.rmtree(home / name, ignore_errors=True)
    cache.begin(home, name, recipe)


def count_files(corruption: Path) -> int:
    """Return how many finished files a corruption has."""
    classes = glob.glob("*/*/", root_dir=corruption)
    return sum(not name.startswith(".") for folder in classes for name in os.listdir(corruption / folder))


def _write(image: np.ndarray, target: Path, quality: int | None) -> None:
    """Write one image whole or not at all; without waiting for the disk, which would cost more than the image."""
    part = target.with_name(f".{target.name}.tmp")
    if quality is None:
        Image.fromarray(image).save(part, format="PNG", compress_level=1)
    else:
        Image.fromarray(image).save(part, format="JPEG", quality=quality, optimize=True)
    part.replace(target)
