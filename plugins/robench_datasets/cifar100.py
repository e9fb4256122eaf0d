"""CIFAR-100, fine labels, in torchvision's folder layout."""

from pathlib import Path

import numpy as np

from robench.contracts import Dataset, Download, File
from robench.errors import unknown
from robench_datasets.cifar import content, unpickle

# The md5s are torchvision's (`torchvision.datasets.CIFAR100.train_list` and so on).
PARTS = {
    "train": File("cifar-100-python/train", "md5:16019d7e3df5f24257cddd939b257f8d"),
    "test": File("cifar-100-python/test", "md5:f0ef6b0ae62326f3e7ffdfab6717acfc"),
}
META = File("cifar-100-python/meta", "md5:7973b15100ade9c7d40fb424638fde48")
ARCHIVE = Download(
    file=File("cifar-100-python.tar.gz", "md5:eb9058c3a382ffc7106e4002c42a8d85"),
    mirrors=("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",),
    members=(*PARTS.values(), META),
)
CLASSES = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle "
    "caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant "
    "flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man "
    "maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree "
    "plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper "
    "snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train "
    "trout tulip turtle wardrobe whale willow_tree wolf woman worm"
)


def read(root: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images uint8 (N, 32, 32, 3) and fine labels int64 (N,), N = 50000 or 10000, in the published order.

    Raises DataError where a file is missing or its md5 is not the published one; nothing is unpickled before.
    """
    if split not in PARTS:
        raise unknown("split", split, PARTS)
    batch = unpickle(content(root, PARTS[split], "cifar100"))
    planes = np.asarray(batch["data"]).reshape(-1, 3, 32, 32)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), np.array(batch["fine_labels"], np.int64)


cifar100 = Dataset(
    name="cifar100",
    label_names=tuple(CLASSES.split()),
    image_size=32,
    # Over all pixels of the training images, as commonly given: not computed here.
    mean=(0.50707516, 0.48654887, 0.44091784),
    std=(0.26733429, 0.25643846, 0.27615047),
    sizes={"train": 50000, "test": 10000},
    read=read,
    digest="md5:eb9058c3a382ffc7106e4002c42a8d85",
    licence="not stated by the authors",
    reference="Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
    downloads=(ARCHIVE,),
)
