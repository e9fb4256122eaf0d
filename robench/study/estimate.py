"""What the runs of a study would take: said before anything starts."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final

import torch

from robench import registry
from robench.contracts import Dataset
from robench.contracts.role import Role
from robench.data import images
from robench.data.generation import cache
from robench.data.sets.request import Request
from robench.download.fetch import faults
from robench.environment import available_memory_bytes, cores, device_name
from robench.errors import FOREIGN, PluginError, first_line
from robench.runs.spec import RunSpec
from robench.sparse.coverage import outside
from robench.sparse.rewiring import Rewiring
from robench.study.speed import Speed, measure
from robench.training import network
from robench.training.batches import steps_per_epoch

Jobs = int | Literal["auto"]

_PROCESS_BYTES = 1_000_000_000
"""What a worker takes beside images, weights and activations: Python, PyTorch and the other libraries."""
_WORTH_SECONDS = 10.0
"""Of work for one more process, which takes about five seconds to start."""
_UNFINISHED = 8
"""Checkpoints hold weights and up to three tensors of optimiser state, and for a moment lie there twice."""


@final
@dataclass(frozen=True)
class Estimate:
    """Numbers of the runs that are to be done; times are measured on a few steps here and now.

    `seconds` is for `jobs` runs at a time, without fetching and making data and what a method adds to a step.
    `missing` names files to be fetched or says what the images lack, `resting` names methods whose topology would never
    change, `outside` says of which models much stands outside the masks.
    """

    runs: int
    to_do: int
    steps: int
    device: str
    device_name: str
    jobs: int
    seconds: float
    train_images: int
    test_images: int
    cells: int
    store_bytes: int
    checkpoint_bytes: int
    generated_images: int
    generated_bytes: int
    missing: tuple[str, ...]
    resting: tuple[str, ...]
    outside: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return it in words."""
        several = f", {self.jobs} runs at a time" if self.jobs > 1 else ""
        said = [
            f"{self.to_do} of {self.runs} runs to do: {self.steps:,} steps in all, on {self.device} "
            f"({self.device_name}){several}",
            f"data: training on {self.train_images:,} images, evaluation on {self.test_images:,}, clean and in "
            f"{self.cells} corrupted cells",
            f"time: about {duration(self.seconds)}, an estimate from a few steps, without preparing data",
            f"disk: {size(self.store_bytes)} of results, {size(self.checkpoint_bytes)} of checkpoints at a time",
        ]
        if self.generated_images:
            made = f"{self.generated_images:,} corrupted images, {size(self.generated_bytes)}"
            said.append(f"to be made first, once: {made} in the cache")
        if self.missing:
            more = f" and {len(self.missing) - 3} more" if len(self.missing) > 3 else ""
            said.append(f"missing data: {', '.join(self.missing[:3])}{more}")
        if self.resting:
            said.append(f"topology never updated, its masks would be fixed: {', '.join(self.resting)}")
        return [*said, *self.outside]


def estimate(specs: Sequence[RunSpec], todo: Sequence[RunSpec], *, data: Path, device: str, jobs: Jobs) -> Estimate:
    """Return what `todo`, those of `specs` that have no result, would take. Measures each model once.

    Raises PluginError for a model that cannot be built or trained.
    """
    speeds = {_network(spec): spec for spec in todo}
    known = {key: _measured(spec, device) for key, spec in speeds.items()}
    seconds = sum(_seconds(spec, known[_network(spec)]) for spec in todo)
    chosen = _jobs(jobs, todo, known, device, seconds)
    weights = [known[_network(spec)].weight_bytes for spec in todo]
    requests = _requests(todo, data)
    to_make = [_to_make(request) for request in requests]
    return Estimate(
        runs=len(specs),
        to_do=len(todo),
        steps=sum(map(steps_of, todo)),
        device=device,
        device_name=device_name(device),
        jobs=chosen,
        seconds=seconds / chosen,
        train_images=max(map(_train_images, todo), default=0),
        test_images=max((request.count for request in requests), default=0),
        cells=max((len(spec.cells) for spec in todo), default=0),
        store_bytes=sum(weights) * 33 // 32 + sum(len(spec.cells) * _test_images(spec) // 8 for spec in todo),
        checkpoint_bytes=chosen * _UNFINISHED * max(weights, default=0),
        generated_images=sum(images for images, _ in to_make),
        generated_bytes=sum(size for _, size in to_make),
        missing=tuple(dict.fromkeys(path for request in requests for path in _missing(request))),
        resting=tuple(dict.fromkeys(_with_interval(spec) for spec in todo if _rests(spec))),
        outside=_outside_masks(todo),
    )


def steps_of(spec: RunSpec) -> int:
    """Return the number of optimiser steps of a run."""
    return steps_per_epoch(_train_images(spec), spec.training.batch_size) * spec.training.epochs


def _network(spec: RunSpec) -> str:
    return f"{spec.dataset} {spec.model} {spec.training} {spec.threads}"


def _measured(spec: RunSpec, device: str) -> Speed:
    try:
        return measure(spec, device)
    except FOREIGN as error:
        raise PluginError(f"{spec.model.name} on {spec.dataset}: {first_line(error)}") from error


def _seconds(spec: RunSpec, speed: Speed) -> float:
    batch = min(spec.training.batch_size, _train_images(spec))
    return steps_of(spec) * batch * speed.training + (len(spec.cells) + 1) * _test_images(spec) * speed.evaluation


def _jobs(jobs: Jobs, todo: Sequence[RunSpec], known: dict[str, Speed], device: str, seconds: float) -> int:
    """Return how many runs to do at a time; "auto": one a core, as far as memory, runs and work go, one on a GPU."""
    if jobs != "auto":
        return max(1, min(jobs, len(todo)))
    if not todo or device != "cpu":
        return 1
    free = available_memory_bytes()
    fitting = len(todo) if free is None else free // max(_process_bytes(spec, known[_network(spec)]) for spec in todo)
    usable = cores() // max(spec.threads for spec in todo)
    return max(1, min(usable, fitting, len(todo), int(seconds / _WORTH_SECONDS)))


def _process_bytes(spec: RunSpec, speed: Speed) -> int:
    dataset: Dataset = registry.load("dataset", spec.dataset)
    images = 0 if dataset.read is None else dataset.inputs.values * (_train_images(spec) + _test_images(spec))
    batch = min(spec.training.batch_size, _train_images(spec))
    return _PROCESS_BYTES + images + _UNFINISHED // 2 * speed.weight_bytes + 2 * batch * speed.activation_bytes


def _train_images(spec: RunSpec) -> int:
    dataset: Dataset = registry.load("dataset", spec.dataset)
    return min(spec.train_limit or dataset.sizes["train"], dataset.sizes["train"])


def _test_images(spec: RunSpec) -> int:
    dataset: Dataset = registry.load("dataset", spec.dataset)
    return min(spec.test_limit or dataset.sizes["test"], dataset.sizes["test"])


def _requests(specs: Sequence[RunSpec], data: Path) -> list[Request]:
    return list(dict.fromkeys(Request.of_run(spec, data) for spec in specs))


def _absent(request: Request) -> list[str]:
    """Return the corruptions that no cache has, by what its index says."""
    if request.source == "published":
        return []
    if _missing(request):  # what is made is kept by the content of the clean images
        return [*request.corruptions]
    made = [cache.index(home) for home in request.homes]
    return [name for name in request.corruptions if not any(name in index for index in made)]


def _to_make(request: Request) -> tuple[int, int]:
    """Return the number of images to be generated, and the bytes they take as arrays."""
    images = len(_absent(request)) * len(request.suite.severities) * request.count
    return images, images * request.dataset.inputs.values


def _missing(request: Request) -> list[str]:
    """Return the paths that can be fetched, else, in one line, what the clean test images lack."""
    paths = [path for download in request.dataset.downloads for path in faults(download, request.root)]
    line = None if paths else images.lack(request.dataset, request.root, "test")
    return paths if line is None else [line]


def _rests(spec: RunSpec) -> bool:
    """Say whether a method that rewires has no update within its steps; asked of the method itself."""
    method = registry.method(spec.method.name, **spec.method.options)
    if not isinstance(method, Rewiring):
        return False
    with suppress(*FOREIGN):  # of a method whose schedule is known only once it has started
        return method.first_update(steps_of(spec)) is None
    return False


def _outside_masks(specs: Sequence[RunSpec]) -> tuple[str, ...]:
    """Return a line for each model of which much would stand outside the masks of the methods, which start nothing."""
    lines = []
    for spec in {(spec.dataset, str(spec.model)): spec for spec in specs if _masks(spec)}.values():
        dataset: Dataset = registry.load("dataset", spec.dataset)
        with torch.random.fork_rng(devices=[]):
            model = network.factory(spec, registry.load("model", spec.model.name), dataset)()
        if line := outside(model):
            lines.append(f"{spec.model.name}: {line}")
    return tuple(lines)


def _masks(spec: RunSpec) -> bool:
    return registry.load("method", spec.method.name).role in (Role.STATIC, Role.DYNAMIC, Role.PRUNING)


def _with_interval(spec: RunSpec) -> str:
    interval = spec.method.options.get("update_interval")
    about = f"every {interval:,} steps, " if isinstance(interval, int) else ""
    return f"{spec.method.name} ({about}{steps_of(spec):,} in a run)"


def duration(seconds: float) -> str:
    """Return a time for people.

    Example:
        >>> duration(7), duration(330), duration(7400), duration(200_000)
        ('7 s', '6 min', '2.1 h', '2.3 days')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.1f} days"


def size(count: int) -> str:
    """Return a number of bytes for people.

    Example:
        >>> size(999_000), size(2_300_000_000)
        ('1.0 MB', '2.3 GB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
