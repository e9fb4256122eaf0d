"""Tiny-ImageNet: 200 classes at 64 x 64 pixels, in the layout of its archive."""

from pathlib import Path

import numpy as np

from robench.contracts import Dataset, Download, File, Tree
from robench.data.image_folder import images_in, pixels_of, require_whole, round_by_round
from robench.download.outside import read_text
from robench.errors import DataError, unknown
from robench_datasets._folders import classes_of

FOLDERS = {"train": "tiny-imagenet-200/train", "test": "tiny-imagenet-200/val"}
CLASSES = classes_of("tiny_imagenet_classes.txt")
SIDE = 64
SIZES = {"train": 100_000, "test": 10_000}

ARCHIVE = Download(
    file=File("tiny-imagenet-200.zip", "md5:90528d7ca1a48142e341f4ef8d21d0de", 248100043),
    mirrors=("http://cs231n.stanford.edu/tiny-imagenet-200.zip",),
    trees=(Tree(FOLDERS["train"], SIZES["train"], 400_000_000), Tree(FOLDERS["test"], SIZES["test"], 40_000_000)),
)


def files(root: Path, split: str) -> tuple[list[str], np.ndarray]:
    """Return the files below `root` and labels int64 (N,); "test" is the validation set.

    That may also lie in a folder for each class, `val/<class>/` or `val/<class>/images/`, as scripts sort it. Raises
    DataError where the set is missing or not whole.
    """
    if split not in SIZES:
        raise unknown("split", split, SIZES)
    try:
        found = _training(root) if split == "train" else _validation(root)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(f"tiny-imagenet: {error.filename} is missing") from None
    require_whole(f"tiny-imagenet: {root / FOLDERS[split]}", found, SIZES[split], even=True)
    return round_by_round(found)


def _training(root: Path) -> dict[str, list[str]]:
    return {name: _below(root, f"{FOLDERS['train']}/{name}/images") for name in CLASSES}


def _validation(root: Path) -> dict[str, list[str]]:
    there = f"{FOLDERS['test']}/images"
    if (root / there).is_dir() and (names := images_in(root / there)):
        return _annotated(root, there, set(names))
    if not (root / FOLDERS["test"] / CLASSES[0]).is_dir():
        raise DataError(f"tiny-imagenet: {root / there} is missing, and so are folders of the classes beside it")
    inner = {name: f"{FOLDERS['test']}/{name}/images" for name in CLASSES}
    return {
        name: _below(root, folder if (root / folder).is_dir() else folder.removesuffix("/images"))
        for name, folder in inner.items()
    }


def _annotated(root: Path, folder: str, there: set[str]) -> dict[str, list[str]]:
    """Read the class of each image from `val_annotations.txt`: name, class and box, separated by tabs."""
    path = root / FOLDERS["test"] / "val_annotations.txt"
    found: dict[str, list[str]] = {name: [] for name in CLASSES}
    for line in sorted(filter(str.strip, read_text(path).splitlines())):
        name, label, *_ = f"{line}\t\t".split("\t")
        if label not in found:
            raise DataError(f"tiny-imagenet: {path} has the class {label!r}, which is none of the {len(CLASSES)}")
        if name in there:
            found[label].append(f"{folder}/{name}")
    return found


def _below(root: Path, folder: str) -> list[str]:
    return [f"{folder}/{file}" for file in images_in(root / folder)]


def read(root: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (N, 64, 64, 3) and labels int64 (N,), decoded from the files; raises DataError."""
    names, labels = files(root, split)
    return pixels_of(root, names, SIDE), labels


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
