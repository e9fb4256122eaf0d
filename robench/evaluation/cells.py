"""Evaluation of a network on the clean images and on every cell of a suite, kept across a kill."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric

from robench import atomic
from robench.contracts import Dataset
from robench.data.augment import normalise
from robench.data.corrupted import CorruptedSet
from robench.evaluation.evaluate import correct
from robench.progress import Progress, Report
from robench.specs import RunSpec

PARTIAL = "bits.partial.npy"


def evaluate(
    network: Callable[[torch.Tensor], torch.Tensor],
    clean: np.ndarray,
    cells: CorruptedSet,
    dataset: Dataset,
    spec: RunSpec,
    *,
    fabric: Fabric,
    folder: Path,
    checkpoint_seconds: float,
    report: Report,
) -> tuple[np.ndarray, np.ndarray]:
    """Return correctness as bool: clean (images,) and cells (cells, images), in the order of `spec.cells`.

    What is done is saved every `checkpoint_seconds` in the run folder and not done again after a kill.
    """
    network.eval()  # type: ignore[attr-defined]
    labels = torch.from_numpy(np.array(cells.labels)).to(fabric.device)
    layout = torch.channels_last if spec.training.channels_last else torch.contiguous_format

    def prepared(images: torch.Tensor) -> torch.Tensor:
        return normalise(images, dataset.mean, dataset.std).contiguous(memory_format=layout)

    judge = partial(correct, network, labels=labels, normalise=prepared, device=fabric.device)
    sources = [lambda: clean, *(partial(cells.images, *cell) for cell in spec.cells)]
    bits = _load(folder / PARTIAL, len(sources), len(labels))
    began = saved = time.monotonic()
    first = len(bits)
    for source in sources[first:]:
        bits.append(judge(source()))
        now = time.monotonic()
        if now - saved >= checkpoint_seconds:
            _save(folder / PARTIAL, bits)
            saved = now
        done, rate = len(bits), (len(bits) - first) / max(now - began, 1e-9)
        left = (len(sources) - done) / rate
        speed = rate * len(labels)
        report(
            Progress(spec.id, spec.label, "evaluate", done, len(sources), images_per_second=speed, seconds_left=left)
        )
    return bits[0], np.stack(bits[1:])


def _save(path: Path, bits: list[np.ndarray]) -> None:
    with atomic.replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, np.stack(bits))


def _load(path: Path, cells: int, images: int) -> list[np.ndarray]:
    """Return the finished cells; a file that does not fit starts the evaluation anew."""
    try:
        stored = np.load(path, allow_pickle=False)
    except (FileNotFoundError, ValueError, EOFError):
        return []
    fits = stored.dtype == bool and stored.ndim == 2 and len(stored) <= cells and stored.shape[1] == images
    return list(stored) if fits else []
