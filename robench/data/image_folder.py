"""A folder of images as a dataset: `<folder>/<split>/<class>/<image>`, the layout of torchvision's ImageFolder."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import final

import numpy as np

from robench import atomic
from robench.contracts import IMAGE_SUFFIXES, Dataset, ImageSize
from robench.contracts.version import UNSTATED
from robench.data.image_files import Pictures, opened
from robench.errors import DataError, InputError, unknown

SPLITS = ("train", "test")
_SIDES = (224, 64, 32)
_SAMPLE = 1000
_MARGIN = 8 / 7
"""Shorter side that an image is resized to over the side that is cut out, as 256 / 224 for ImageNet."""


def image_folder(
    name: str,
    *,
    folder: str,
    image_size: ImageSize,
    resize: int | None,
    label_names: tuple[str, ...],
    sizes: Mapping[str, int],
    mean: tuple[float, ...],
    std: tuple[float, ...],
    digest: str,
    licence: str,
    reference: str,
    api_version: int = UNSTATED,
) -> Dataset:
    """Return the dataset of the images in `folder`, POSIX and relative to the data root; fields as in `Dataset`.

    Classes are the folders named by `label_names`, with as many images in all as `sizes` says of each split.
    """
    files = partial(_files, name, folder, label_names, dict(sizes))
    return Dataset(
        name=name,
        label_names=label_names,
        image_size=image_size,
        mean=mean,
        std=std,
        sizes=sizes,
        digest=digest,
        licence=licence,
        reference=reference,
        files=files,
        resize=resize,
        api_version=api_version,
    )


def _files(
    name: str, folder: str, classes: Sequence[str], sizes: Mapping[str, int], root: Path, split: str
) -> tuple[list[str], np.ndarray]:
    if split not in sizes:
        raise unknown("split", split, sizes)
    place = f"{folder}/{split}"
    try:
        found = {label: [f"{place}/{label}/{file}" for file in images_in(root / place / label)] for label in classes}
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(
            f"{name}: {error.filename} is missing; lay the images out as {root / folder}/{{train,test}}/<class>/<image>"
        ) from None
    if (count := sum(map(len, found.values()))) != sizes[split]:
        raise DataError(f"{name}: {root / place} has {count:,} of {sizes[split]:,} images")
    return round_by_round(found)


def images_in(folder: Path) -> list[str]:
    """Return the names of the image files of a folder, sorted; raises FileNotFoundError."""
    return sorted(name for name in os.listdir(folder) if name.lower().endswith(IMAGE_SUFFIXES) and name[0] != ".")


def round_by_round(files: Mapping[str, Sequence[str]]) -> tuple[list[str], np.ndarray]:
    """Return the files of all classes and their labels int64 (N,): the first of every class, then the second, ...

    So the first images of a set are spread over its classes. `files` maps each class, in order, to its files, sorted.

    Example:
        >>> round_by_round({"cat": ["a", "b"], "dog": ["c"]})[0]
        ['a', 'c', 'b']
    """
    longest = max((len(names) for names in files.values()), default=0)
    ordered = [
        (names[rank], label)
        for rank in range(longest)
        for label, names in enumerate(files.values())
        if rank < len(names)
    ]
    return [name for name, _ in ordered], np.array([label for _, label in ordered], np.int64)


@final
@dataclass(frozen=True)
class Facts:
    """What a folder of images holds, as `image_folder` wants it declared."""

    label_names: tuple[str, ...]
    sizes: dict[str, int]
    image_size: int
    resize: int | None
    mean: tuple[float, ...]
    std: tuple[float, ...]
    digest: str


def survey(folder: Path) -> Facts:
    """Look at every image of a folder and say what it holds.

    `image_size` is the largest of 224, 64 and 32 pixels that every image has; mean and standard deviation are of up to
    1,000 training images; the digest is of all names and bytes. Raises InputError where a split or class is missing or
    empty, the splits have other classes, or an image is below 32 pixels, and DataError for one that cannot be read.
    """
    found = {split: _classes(folder / split) for split in SPLITS}
    labels = tuple(found["train"])
    if labels != tuple(found["test"]):
        lone = sorted(set(found["train"]) ^ set(found["test"]))
        raise InputError(f"images: {folder}: class {lone[0]!r} is in one of train and test only")
    files = [folder / split / label / name for split in SPLITS for label in labels for name in found[split][label]]
    image_size, resize = _sizes(files)
    names, _ = round_by_round({label: [f"{label}/{name}" for name in found["train"][label]] for label in labels})
    sample = Pictures(folder / "train", names[:_SAMPLE], image_size, resize)
    pixels = sample[:].reshape(-1, 3) / 255
    return Facts(
        labels,
        {split: sum(map(len, found[split].values())) for split in SPLITS},
        image_size,
        resize,
        tuple(pixels.mean(axis=0).round(4).tolist()),
        tuple(pixels.std(axis=0).round(4).tolist()),
        _digest(folder, files),
    )


def _classes(split: Path) -> dict[str, list[str]]:
    """Return class -> its image files, both sorted, of one split."""
    try:
        names = sorted(path.name for path in split.iterdir() if path.is_dir() and path.name[0] != ".")
    except OSError as error:
        raise InputError(
            f"images: {split}: {error.strerror}; expected DIR/train/<class>/* and DIR/test/<class>/*"
        ) from None
    found = {name: images_in(split / name) for name in names}
    if empty := [name for name, files in found.items() if not files]:
        raise InputError(f"images: {split / empty[0]} holds no image; expected {', '.join(IMAGE_SUFFIXES)}")
    if len(found) < 2:
        raise InputError(f"images: {split} has {len(found)} classes; at least 2 are needed, a folder each")
    return found


def _sizes(files: Sequence[Path]) -> tuple[int, int | None]:
    """Return the side that is cut out, and the shorter side resized to before; None where all images have that size."""
    found = {_size(path) for path in files}
    least = min(min(size) for size in found)
    if least < _SIDES[-1]:
        raise InputError(f"images: the smallest has a side of {least} pixels; at least {_SIDES[-1]} are needed")
    side = next(side for side in _SIDES if side <= least)
    return side, None if found == {(side, side)} else round(side * _MARGIN)


def _size(path: Path) -> tuple[int, int]:
    with opened(path) as image:
        return image.size


def _digest(folder: Path, files: Sequence[Path]) -> str:
    lines = sorted(f"{path.relative_to(folder).as_posix()}\0{atomic.sha256(path)}\n" for path in files)
    return f"sha256:{hashlib.sha256(os.fsencode(''.join(lines))).hexdigest()}"
