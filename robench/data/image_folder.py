"""A folder of images as a dataset: `<folder>/<split>/<class>/<image>`, the layout of torchvision's ImageFolder."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import final

import numpy as np

from robench.contracts import IMAGE_SUFFIXES, Dataset, ImageSize, is_image, sides
from robench.contracts.version import UNSTATED
from robench.data import content
from robench.data.image_files import Pictures, decoded, size_of
from robench.errors import DataError, InputError, unknown
from robench.progress import Report, silent
from robench.text import shown

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
    require_whole(f"{name}: {root / place}", found, sizes[split])
    return round_by_round(found)


def images_in(folder: Path) -> list[str]:
    """Return the names of the image files of a folder, sorted; raises FileNotFoundError."""
    return sorted(filter(is_image, os.listdir(folder)))


def require_whole(where: str, found: Mapping[str, Sequence[str]], images: int, *, even: bool = False) -> None:
    """Raise DataError, with the first class that lacks some or has too many, unless so many `images` were found.

    `found` maps each class to its files; with `even` all classes have equally many.
    """
    each = images // len(found) if even and images % len(found) == 0 else None
    count = sum(map(len, found.values()))
    bad = [name for name, files in found.items() if (len(files) != each if each else not files)]
    if count == images and not (each and bad):
        return
    wanted = f" of {each}" if each else " images"
    first = f": class {bad[0]} has {len(found[bad[0]])}{wanted}" if bad else ""
    more = f", {len(bad) - 1:,} more classes are not whole" if len(bad) > 1 else ""
    raise DataError(f"{where} has {count:,} of {images:,} images{first}{more}")


def pixels_of(root: Path, names: Sequence[str], image_size: ImageSize) -> np.ndarray:
    """Decode image files of one size, uint8 (N, height, width, 3); raises DataError for one of another size."""
    height, width = sides(image_size)
    images = np.empty((len(names), height, width, 3), np.uint8)
    for place, name in enumerate(names):
        image = decoded(root / name)
        if image.size != (width, height):
            raise DataError(
                f"{shown(root / name)}: {image.width} x {image.height} pixels instead of {width} x {height}"
            )
        images[place] = np.asarray(image)
    return images


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
    1,000 training images; the digest is that of `robench.data.content`. Raises InputError where a split or class is
    missing or empty, the splits have other classes, or an image is below 32 pixels, and DataError for one that cannot
    be read.
    """
    found = _splits(folder)
    labels = tuple(found["train"])
    files = _files_of(folder, found)
    image_size, resize = _sizes([path for split in SPLITS for _, path in files[split]])
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
        _digest(files, silent),
    )


def digest(folder: Path, report: Report = silent) -> str:
    """Return what `survey` says is the digest of a folder, without a look into the images; raises likewise."""
    return _digest(_files_of(folder, _splits(folder)), report)


def _digest(files: Mapping[str, content.Named], report: Report) -> str:
    return content.digest({split: content.of_files(found, f"{split} images", report) for split, found in files.items()})


def _splits(folder: Path) -> dict[str, dict[str, list[str]]]:
    """Return split -> class -> its image files; InputError where the splits have other classes."""
    found = {split: _classes(folder / split) for split in SPLITS}
    if lone := sorted(set(found["train"]) ^ set(found["test"])):
        raise InputError(f"images: {folder}: class {lone[0]!r} is in one of train and test only")
    return found


def _files_of(folder: Path, found: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, content.Named]:
    return {
        split: [(f"{label}/{name}", folder / split / label / name) for label in classes for name in classes[label]]
        for split, classes in found.items()
    }


def _classes(split: Path) -> dict[str, list[str]]:
    """Return class -> its image files, both sorted, of one split."""
    try:
        names = sorted(path.name for path in split.iterdir() if path.is_dir() and not _is_junk(path.name))
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


def _is_junk(folder: str) -> bool:
    """Say whether an archive or a system left a folder of this name about."""
    return folder[0] == "." or folder == "__MACOSX"


def _sizes(files: Sequence[Path]) -> tuple[int, int | None]:
    """Return the side that is cut out, and the shorter side resized to before; None where all images have that size."""
    found = {size_of(path) for path in files}
    least = min(min(size) for size in found)
    if least < _SIDES[-1]:
        raise InputError(f"images: the smallest has a side of {least} pixels; at least {_SIDES[-1]} are needed")
    side = next(side for side in _SIDES if side <= least)
    return side, None if found == {(side, side)} else round(side * _MARGIN)
