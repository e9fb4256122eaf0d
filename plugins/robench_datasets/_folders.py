"""Image files in one folder a class."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from robench.contracts import IMAGE_SUFFIXES


def classes_of(name: str) -> tuple[str, ...]:
    """Return the WordNet ids, in order, of a list that ships beside this file."""
    return tuple((Path(__file__).parent / name).read_text(encoding="ascii").split())


def images_in(folder: Path) -> list[str]:
    """Return the names of the image files of a folder, sorted; raises FileNotFoundError."""
    return sorted(name for name in os.listdir(folder) if name.lower().endswith(IMAGE_SUFFIXES) and name[0] != ".")


def round_by_round(files: Mapping[str, Sequence[str]]) -> tuple[list[str], np.ndarray]:
    """Return the files of all classes and their labels int64 (N,): the first of every class, then the second, ...

    So the first images of a set are spread over its classes. `files` maps each class, in order, to its files, sorted.
    """
    longest = max((len(names) for names in files.values()), default=0)
    ordered = [
        (names[rank], label)
        for rank in range(longest)
        for label, names in enumerate(files.values())
        if rank < len(names)
    ]
    return [name for name, _ in ordered], np.array([label for _, label in ordered], np.int64)
