"""The laws of the Dataset contract, on up to 1,000 images a split.

Data that is not there raises DataError; no law is broken by it.
"""

import hashlib
from pathlib import Path

import numpy as np

from robench.contracts import API_VERSION, Dataset
from robench.data import content
from robench.data.image_files import batches
from robench.data.images import digests, load
from robench.download import root
from robench.errors import FOREIGN, InputError, first_line
from robench.testing.check import Check, check, ensure

_SAMPLE = 1000
_BATCH = 100


@check()
def declaration(dataset: Dataset, data: Path | None = None) -> str:
    """The record is a Dataset for this API with a train and a test split, a digest, a licence and a reference."""
    ensure(isinstance(dataset, Dataset), f"{type(dataset).__name__} is not a Dataset")
    ensure(dataset.api_version == API_VERSION, f"api_version is {dataset.api_version}, this robench has {API_VERSION}")
    for split in ("train", "test"):
        ensure(dataset.sizes.get(split, 0) > 0, f"sizes has no {split!r} split with images")
    for field in ("digest", "licence", "reference"):
        ensure(getattr(dataset, field).strip(), f"{field} is empty")
    classes = len(dataset.label_names)
    ensure(classes >= 2 and len(set(dataset.label_names)) == classes, "label_names are fewer than 2 or repeat")
    ensure(len(dataset.mean) == len(dataset.std), f"{len(dataset.mean)} means, {len(dataset.std)} standard deviations")
    ensure(all(0 < value < 1 for value in (*dataset.mean, *dataset.std)), "mean and std are not on the [0, 1] scale")
    return f"{classes} classes, {dataset.inputs}, " + ", ".join(f"{k} {n}" for k, n in dataset.sizes.items())


@check()
def downloads(dataset: Dataset, data: Path | None = None) -> str:
    """Every file from the network has a digest and a mirror: what arrives is proven to be what was published."""
    for download in dataset.downloads:
        ensure(download.file.digest, f"{download.file.path} has no digest")
        ensure(download.mirrors, f"{download.file.path} has no mirror")
    return f"{len(dataset.downloads)} downloads"


@check()
def images_and_labels(dataset: Dataset, data: Path | None = None) -> str:
    """Each split gives uint8 images of the declared number, size and channels, and int64 labels of known classes."""
    for split, size in dataset.sizes.items():
        images, labels = load(dataset, root(data), split)
        ensure(len(images) == len(labels) == size, f"{split}: {len(images)} images, {len(labels)} labels, not {size}")
        sample, _ = load(dataset, root(data), split, _SAMPLE)
        for place, pixels in batches(sample, _BATCH):
            wanted = (place.stop - place.start, *dataset.inputs.stored_shape)
            ensure(pixels.shape == wanted, f"{split}: images are {pixels.shape}, not {wanted}")
            ensure(pixels.dtype == np.uint8, f"{split}: images are {pixels.dtype}, not uint8")
    return ", ".join(dataset.sizes)


@check()
def same_bytes(dataset: Dataset, data: Path | None = None) -> str:
    """Every read gives the same bytes in the same order."""
    for split in dataset.sizes:
        one, again = (_digest(dataset, data, split) for _ in range(2))
        ensure(one == again, f"{split}: a second read gives other bytes")
    return "equal at a second read"


@check()
def spread_classes(dataset: Dataset, data: Path | None = None) -> str:
    """The test split has every class, and the first images of a split are spread over its classes."""
    classes = len(dataset.label_names)
    _, labels = load(dataset, root(data), "test")
    missing = sorted(set(range(classes)) - set(labels.tolist()))
    ensure(not missing, f"no test image of {dataset.label_names[missing[0]] if missing else ''!r}")
    for split in dataset.sizes:
        _, labels = load(dataset, root(data), split, 10 * classes)
        share = len(set(labels.tolist())) / min(classes, len(labels))
        ensure(share >= 0.5, f"{split}: the first {len(labels)} images have {share:.0%} of the classes")
    return f"all {classes} classes in test"


@check()
def digest(dataset: Dataset, data: Path | None = None) -> str:
    """A digest of the content is that of the images in the data root."""
    found = content.digest(digests(dataset, root(data)))
    stated = dataset.digest.startswith(content.PREFIX)
    ensure(not stated or dataset.digest == found, f"digest is {dataset.digest}, the images have {found}")
    return found if stated else f"not compared; {found} would be"


@check()
def normalisation(dataset: Dataset, data: Path | None = None) -> str:
    """`mean` and `std` are those of the training images on the [0, 1] scale, to 0.05 on a sample."""
    images, _ = load(dataset, root(data), "train", _SAMPLE)
    pixels = np.concatenate([part for _, part in batches(images, _BATCH)]).reshape(-1, dataset.channels) / 255
    for field, seen in (("mean", pixels.mean(0)), ("std", pixels.std(0))):
        apart = float(np.abs(seen - getattr(dataset, field)).max())
        ensure(apart <= 0.05, f"{field} is {getattr(dataset, field)}, the images have {seen.round(3).tolist()}")
    return f"mean {pixels.mean(0).round(3).tolist()}"


@check()
def unknown_split(dataset: Dataset, data: Path | None = None) -> str:
    """A split that does not exist is refused with InputError."""
    read = dataset.read or dataset.files
    if read is None:
        raise AssertionError("neither read nor files is given")
    try:
        read(root(data), "no such split")
    except InputError as error:
        return str(error)
    except FOREIGN as error:
        raise AssertionError(f"{first_line(error)} is raised, not InputError") from error
    raise AssertionError("a split that does not exist is read")


def _digest(dataset: Dataset, data: Path | None, split: str) -> str:
    images, labels = load(dataset, root(data), split, _SAMPLE)
    digest = hashlib.sha256(labels.tobytes())
    for _, pixels in batches(images, _BATCH):
        digest.update(pixels.tobytes())
    return digest.hexdigest()


CHECKS: tuple[Check, ...] = (
    declaration,
    downloads,
    images_and_labels,
    same_bytes,
    spread_classes,
    digest,
    normalisation,
    unknown_split,
)
