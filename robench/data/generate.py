"""Making corrupted sets: whole files or none, by one process at a time, continued after a kill."""

from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path

import numpy as np

from robench import atomic
from robench.data import generated
from robench.data.clean import Clean
from robench.data.disk import alone, require_space, writable
from robench.data.pieces import Work, filling
from robench.progress import Tick


def complete(folder: Path, clean: Clean, recipes: Mapping[str, str], progress: Tick, jobs: int | None = None) -> None:
    """Make the files of `recipes` (corruption -> recipe) that are not ready in `folder`, and the labels.

    `progress` counts images. Of two processes one makes the files and the other waits for them; after a kill,
    finished files stay. Raises DataError where the disk has no room or cannot be written.
    """
    if not _missing(folder, recipes):
        return
    with writable(folder), alone(folder / ".lock", progress):
        for leftover in folder.glob(".*.tmp"):
            leftover.unlink()
        names = _missing(folder, recipes)
        require_space(folder, clean.suite.name, len(names) * prod(clean.stacked_shape))
        _write_labels(folder, clean)
        done, total = 0, len(names) * clean.stacked_shape[0]
        with filling(folder, clean, len(names), jobs) as work:
            for name in names:
                for count in _make(folder, clean, name, work):
                    done += count
                    progress(clean.suite.name, done, total)
                generated.add(folder, name, recipes[name])


def _missing(folder: Path, recipes: Mapping[str, str]) -> list[str]:
    return [name for name, recipe in recipes.items() if not generated.ready(folder, name, recipe)]


def _make(folder: Path, clean: Clean, name: str, work: Work) -> Iterator[int]:
    """Write one file; yields the number of images of each finished piece."""
    with atomic.replacing(folder / f"{name}.npy") as temporary:
        np.lib.format.open_memmap(temporary, mode="w+", dtype=np.uint8, shape=clean.stacked_shape).flush()
        yield from work(temporary, name)


def _write_labels(folder: Path, clean: Clean) -> None:
    recipe = clean.dataset.digest
    if generated.ready(folder, generated.LABELS, recipe):
        return
    small = np.uint8 if len(clean.dataset.label_names) <= 256 else np.int64
    with atomic.replacing(folder / f"{generated.LABELS}.npy") as temporary, temporary.open("wb") as file:
        np.save(file, np.tile(clean.labels, len(clean.suite.severities)).astype(small))
    generated.add(folder, generated.LABELS, recipe)
