"""Tiny-ImageNet: 200 classes at 64 x 64 pixels, in the layout of its archive."""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from robench.contracts import Dataset, Download, File, Tree
from robench.data.image_folder import images_in, round_by_round
from robench.errors import DataError, unknown
from robench_datasets._folders import classes_of

HOME = "tiny-imagenet-200"
CLASSES = classes_of("tiny_imagenet_classes.txt")
SIDE = 64
SIZES = {"train": 100_000, "test": 10_000}

ARCHIVE = Download(
    file=File("tiny-imagenet-200.zip", "md5:90528d7ca1a48142e341f4ef8d21d0de", 248100043),
    mirrors=("http://cs231n.stanford.edu/tiny-imagenet-200.zip",),
    trees=(Tree(f"{HOME}/train", SIZES["train"], 400_000_000), Tree(f"{HOME}/val", SIZES["test"], 40_000_000)),
)


def files(root: Path, split: str) -> tuple[list[str], np.ndarray]:
    """Return the files below `root` and labels int64 (N,); "test" is the validation set.

    Raises DataError where the set is missing or not whole.
    """
    if split not in SIZES:
        raise unknown("split", split, SIZES)
    try:
        found = _training(root) if split == "train" else _validation(root)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _absent(f"{error.filename} is missing") from None
    count = sum(map(len, found.values()))
    if count != SIZES[split]:
        raise _absent(f"{split} split in {root / HOME} has {count:,} of {SIZES[split]:,} images")
    return round_by_round(found)


def _training(root: Path) -> dict[str, list[str]]:
    folders = {name: f"{HOME}/train/{name}/images" for name in CLASSES}
    return {name: [f"{folder}/{file}" for file in images_in(root / folder)] for name, folder in folders.items()}


def _validation(root: Path) -> dict[str, list[str]]:
    """Read the class of each image from `val_annotations.txt`: name, class and box, separated by tabs."""
    path = root / HOME / "val" / "val_annotations.txt"
    found: dict[str, list[str]] = {name: [] for name in CLASSES}
    there = set(images_in(root / HOME / "val" / "images"))
    for line in sorted(path.read_text(encoding="ascii").splitlines()):
        name, label, *_ = f"{line}\t\t".split("\t")
        if label not in found:
            raise DataError(f"tiny-imagenet: {path} has the class {label!r}, which is none of the 200")
        if name in there:
            found[label].append(f"{HOME}/val/images/{name}")
    return found


def read(root: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (N, 64, 64, 3) and labels int64 (N,), decoded from the files; raises DataError."""
    names, labels = files(root, split)
    images = np.empty((len(names), SIDE, SIDE, 3), np.uint8)
    for place, name in enumerate(names):
        try:
            with Image.open(root / name) as image:
                images[place] = np.asarray(image.convert("RGB"))
        except (UnidentifiedImageError, OSError, ValueError):
            raise DataError(f"tiny-imagenet: {root / name} is damaged or not {SIDE} x {SIDE} pixels") from None
    return images, labels


def _absent(reason: str) -> DataError:
    return DataError(f"tiny-imagenet: {reason}; `robench data fetch tiny-imagenet` fetches it")


tiny_imagenet = Dataset(
    name="tiny-imagenet",
    label_names=CLASSES,
    image_size=SIDE,
    # Over the 100,000 training images, as commonly given: not computed here.
    mean=(0.4802, 0.4481, 0.3975),
    std=(0.2770, 0.2691, 0.2821),
    sizes=SIZES,
    read=read,
    files=files,
    digest="md5:90528d7ca1a48142e341f4ef8d21d0de round by round",
    licence="ImageNet terms of access: non-commercial research",
    reference="Le and Yang 2015, Tiny ImageNet Visual Recognition Challenge, Stanford CS 231N",
    downloads=(ARCHIVE,),
)
