"""Handwritten digits that ship with scikit-learn, enlarged to 32x32 RGB: real data without a download."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from robench.contracts import Dataset
from robench.errors import unknown

SCALE = 4
INK = 16
TEST_PER_CLASS = 50


def enlarge(images: np.ndarray) -> np.ndarray:
    """Return integer images (N, H, W) with values 0..16 as uint8 (N, 4H, 4W, 3) with values 0..255.

    Bilinear with pixel centres at half-integers and repeated borders, in integers: each output is a sum of products
    with weights k/64, rounded half up. So the bytes are the same on every machine.
    """
    rows, columns = (_bilinear_weights(size) for size in images.shape[1:])
    total = np.einsum("ai,nij,bj->nab", rows, images.astype(np.int64), columns)
    whole = (2 * SCALE) ** 2 * INK
    grey = ((2 * 255 * total + whole) // (2 * whole)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=3)


def _bilinear_weights(size: int) -> np.ndarray:
    """Return int64 (4 * size, size): what each input adds to each output, in units of 1/8."""
    weights = np.zeros((SCALE * size, size), np.int64)
    for out in range(SCALE * size):
        below, fraction = divmod(2 * out + 1 - SCALE, 2 * SCALE)
        weights[out, max(below, 0)] += 2 * SCALE - fraction
        weights[out, min(below + 1, size - 1)] += fraction
    return weights


def in_test_split(labels: np.ndarray) -> np.ndarray:
    """Return bool (N,): True for the last 50 images of each class in file order."""
    test = np.zeros(len(labels), bool)
    for label in range(10):
        test[np.flatnonzero(labels == label)[-TEST_PER_CLASS:]] = True
    return test


def read(root: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (N, 32, 32, 3) and labels int64 (N,) in file order; `root` is not looked at.

    The 13 writers follow one another in the file and the test split is its last part, class by class: the test
    digits come from the last writers, of whom training sees at most a few. Raises InputError for another split.
    """
    if split not in digits.sizes:
        raise unknown("split", split, digits.sizes)
    bunch = load_digits()
    labels = bunch.target.astype(np.int64)
    chosen = in_test_split(labels) == (split == "test")
    return enlarge(bunch.images[chosen]), labels[chosen]


digits = Dataset(
    name="digits",
    label_names=tuple("0123456789"),
    image_size=32,
    mean=(0.3057,) * 3,
    std=(0.3229,) * 3,
    sizes={"train": 1297, "test": 500},
    read=read,
    digest="abd66a0691caf9939d48a4f3cf74cf718b2ec77a5ad75b1d39c3911f44047ce2",
    licence="CC BY 4.0 (UCI Machine Learning Repository)",
    reference="Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, doi:10.24432/C50P49, "
    "the test part, as shipped in scikit-learn",
)
