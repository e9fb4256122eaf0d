"""A small dataset of image files, and suites on it."""

from pathlib import Path

import numpy as np
from PIL import Image

from robench.contracts import Dataset, Protocol, PublishedFolders, Suite

CLASSES = ("n01", "n02", "n03")
SIDE, RESIZE = 32, 36
SIZES = {"train": 12, "test": 6}
SEVERITIES = (1, 2, 3, 4, 5)


def picture(seed, width, height):
    """A smooth image: JPEG changes it little, and no two are alike."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def write_clean(root: Path) -> None:
    for split, count in SIZES.items():
        for place in range(count):
            path = root / "mini" / split / CLASSES[place % 3] / f"{split}_{place:03}.JPEG"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture(place + 100 * (split == "test"), 40 + 3 * place, 60 - 2 * place).save(path, quality=95)


def files(root: Path, split: str) -> tuple[list[str], np.ndarray]:
    names = sorted((root / "mini" / split).glob("*/*"), key=lambda path: path.name)
    labels = np.array([CLASSES.index(path.parent.name) for path in names], np.int64)
    return [path.relative_to(root).as_posix() for path in names], labels


MINI = Dataset(
    name="mini",
    label_names=CLASSES,
    image_size=SIDE,
    mean=(0.5,) * 3,
    std=(0.25,) * 3,
    sizes=SIZES,
    files=files,
    resize=RESIZE,
    digest="mini",
    licence="none",
    reference="none",
)
MINI_C = Suite(
    name="mini-c",
    dataset="mini",
    preset="cifar",
    standard=("contrast", "gaussian_noise"),
    extra=("fog",),
    protocol=Protocol(baseline="plain"),
    default_model="plain",
    default_methods=("plain",),
    reference="none",
    published=PublishedFolders("MINI-C", errata={"fog": "the first archive is known to be wrong"}),
)


def write_published(root: Path, folder="MINI-C", corruptions=("contrast", "gaussian_noise", "fog"), name=None) -> None:
    """Write cells whose images tell where they belong: every pixel is 10 * the image + the severity."""
    for corruption in corruptions:
        for severity in SEVERITIES:
            for place in range(SIZES["test"]):
                stem = f"test_{place:03}" if name is None else f"{name}_{place:03}"
                path = root / folder / corruption / str(severity) / CLASSES[place % 3] / f"{stem}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.new("RGB", (SIDE, SIDE), (10 * place + severity,) * 3).save(path)
