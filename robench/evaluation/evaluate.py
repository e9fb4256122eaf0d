"""A network on the clean images and on every cell of a suite: one correctness bit per image, kept across a kill."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from robench import atomic
from robench.data.augment import channels_first, normalize
from robench.data.image_files import ImageSource, batches
from robench.data.sets.request import CorruptedSet
from robench.progress import Progress
from robench.runs.folder import PARTIAL
from robench.training.job import Job
from robench.training.stopping import placed


@torch.inference_mode()
def correct(
    network: Callable[[torch.Tensor], torch.Tensor],
    images: ImageSource,
    labels: torch.Tensor,
    *,
    normalize: Callable[[torch.Tensor], torch.Tensor],
    device: torch.device,
    batch_size: int = 250,
) -> np.ndarray:
    """Return bool (N,): does the largest logit of image i stand at its label?

    `images`: uint8 (N, H, W, C), may be memory-mapped and read-only, or image files; `labels`: int64 (N,) on
    `device`. Where two logits tie, the lower class counts; a NaN logit makes the answer wrong.
    """
    results = torch.empty(len(images), dtype=torch.bool, device=device)
    for part, pixels in batches(images, batch_size):
        batch = channels_first(torch.tensor(pixels).to(device, non_blocking=True))
        logits = network(normalize(batch))
        answers = logits.argmax(1)
        results[part] = (answers == labels[part]) & ~logits.isnan().any(1)
    return results.cpu().numpy()


def evaluate(job: Job, network: nn.Module, clean: ImageSource, cells: CorruptedSet) -> tuple[np.ndarray, np.ndarray]:
    """Return correctness as bool: clean (images,) and cells (cells, images), in the order of `spec.cells`.

    What is done is saved every `job.checkpoint_seconds` in the run folder and not done again after a kill. A signal
    that asks to stop is heeded at once, and the finished cells are saved.
    """
    network.eval()
    labels = torch.from_numpy(np.array(cells.labels)).to(job.fabric.device)
    layout = torch.channels_last if job.spec.training.channels_last else torch.contiguous_format

    def prepared(images: torch.Tensor) -> torch.Tensor:
        return normalize(images, job.dataset.mean, job.dataset.std).contiguous(memory_format=layout)

    judge = partial(correct, network, labels=labels, normalize=prepared, device=job.fabric.device)
    sources: list[Callable[[], ImageSource]] = [
        lambda: clean,
        *(partial(cells.images, *cell) for cell in job.spec.cells),
    ]
    bits = _load(job.folder / PARTIAL, len(sources), len(labels))
    try:
        _judge_all(job, sources, judge, bits, len(labels))
    except KeyboardInterrupt as stop:
        if bits:
            _save(job.folder / PARTIAL, bits)
        place = f"with {max(len(bits) - 1, 0)} of {len(sources) - 1} corrupted cells of {job.spec.label} evaluated"
        raise placed(stop, place) from None
    return bits[0], np.stack(bits[1:])


def _judge_all(
    job: Job,
    sources: list[Callable[[], ImageSource]],
    judge: Callable[[ImageSource], np.ndarray],
    bits: list[np.ndarray],
    images: int,
) -> None:
    """Append to `bits` what is not done of `sources`, of `images` images each."""
    began = saved = time.monotonic()
    if first := len(bits):
        text = f"evaluation goes on after {first - 1} of {len(sources) - 1} corrupted cells"
        job.report(Progress(job.spec.id, job.spec.label, "note", text=text))
    for source in sources[first:]:
        bits.append(judge(source()))
        now = time.monotonic()
        if now - saved >= job.checkpoint_seconds:
            _save(job.folder / PARTIAL, bits)
            saved = now
        done, rate = len(bits), (len(bits) - first) / max(now - began, 1e-9)
        job.report(
            Progress(
                job.spec.id,
                job.spec.label,
                "evaluate",
                done,
                len(sources),
                images_per_second=rate * images,
                seconds_left=(len(sources) - done) / rate,
            )
        )


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
