"""ImageNet-1k in torchvision's folder layout, streamed from its files."""

from pathlib import Path

import numpy as np

from robench.contracts import Dataset
from robench.data.image_folder import images_in, require_whole, round_by_round
from robench.errors import DataError, unknown
from robench_datasets._folders import classes_of

FOLDERS = {"train": "imagenet/train", "test": "imagenet/val"}
CLASSES = classes_of("imagenet_classes.txt")
SIZES = {"train": 1281167, "test": 50000}


def files(root: Path, split: str) -> tuple[list[str], np.ndarray]:
    """Return the files below `root` and labels int64 (N,); "test" is the validation set.

    Raises DataError, with the layout, where the set is missing or not whole.
    """
    if split not in FOLDERS:
        raise unknown("split", split, FOLDERS)
    folder = FOLDERS[split]
    try:
        found = {name: [f"{folder}/{name}/{file}" for file in images_in(root / folder / name)] for name in CLASSES}
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(
            f"imagenet: {error.filename} is missing; ImageNet cannot be fetched: register at image-net.org and lay it "
            f"out as {root}/imagenet/{{train,val}}/<class>/*.JPEG (torchvision.datasets.ImageNet does it)"
        ) from None
    require_whole(f"imagenet: {root / folder}", found, SIZES[split], even=split == "test")
    return round_by_round(found)


imagenet = Dataset(
    name="imagenet",
    label_names=CLASSES,
    image_size=224,
    # torchvision's, used by most published networks.
    mean=(0.485, 0.456, 0.406),
    std=(0.229, 0.224, 0.225),
    sizes=SIZES,
    files=files,
    resize=256,
    # The archives' md5s, as in torchvision; and the order of the files.
    digest="md5:1d675b47d978889d74fa0da5fadfb00e md5:29b22e2961454d5413ddabcf34fc5622 round by round",
    licence="ImageNet terms of access: non-commercial research",
    reference="Russakovsky et al. 2015, ImageNet Large Scale Visual Recognition Challenge, arXiv:1409.0575",
)
