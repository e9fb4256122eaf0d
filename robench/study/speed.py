"""How fast a network trains and is evaluated here, and what it takes, from a few steps."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from torch import nn

from robench import registry
from robench.contracts import Dataset
from robench.runs.spec import RunSpec
from robench.training import network
from robench.training.batches import Prepare, preparation
from robench.training.threads import threads

_BUDGET_SECONDS = 0.1
"""A larger batch is measured only where it is expected to take no longer."""
_FEW = (2, 16)
_EVALUATED = 250


@dataclass(frozen=True)
class Speed:
    """Seconds an image in training and in evaluation; bytes of the weights, and of what backward needs of an image."""

    training: float
    evaluation: float
    weight_bytes: int
    activation_bytes: int


def measure(spec: RunSpec, device: str) -> Speed:
    """Train and evaluate the dense model of a run on noise, up to a batch where that is quick.

    What a method adds, the optimiser's step (the first optimiser of a process imports torch._dynamo, which takes
    longer than all this), reading and decoding images, and compilation are not in it.
    """
    dataset: Dataset = registry.load("dataset", spec.dataset)
    place = torch.device(device)
    with torch.random.fork_rng(devices=[place] if place.type == "cuda" else []), threads(spec.threads):
        make = network.factory(spec, registry.load("model", spec.model.name), dataset)
        layout = torch.channels_last if spec.training.channels_last else torch.contiguous_format
        model = make().to(place).to(memory_format=layout)
        probe = _Probe(spec, model, place, preparation(spec.training, dataset, seed=0), dataset)
        probe.train(_FEW[0])
        kept = probe.kept_bytes // _FEW[0]
        trained = _seconds_an_image(probe.train, spec.training.batch_size, place)
        model.eval()
        evaluated = _seconds_an_image(probe.evaluate, _EVALUATED, place)
    weights = sum(tensor.nbytes for tensor in model.state_dict().values() if isinstance(tensor, torch.Tensor))
    return Speed(trained, evaluated, weights, kept)


class _Probe:
    """A model at work on batches of noise of any size."""

    def __init__(
        self, spec: RunSpec, model: nn.Module, place: torch.device, prepare: Prepare, dataset: Dataset
    ) -> None:
        self._model, self._place, self._prepare, self._dataset = model, place, prepare, dataset
        self._bf16 = spec.training.precision == "bf16-mixed"
        self._own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
        self.kept_bytes = 0

    def train(self, count: int) -> None:
        """Go forward and back on `count` images."""
        self.kept_bytes = 0
        inputs, targets = self._prepare(*self._noise(count), 0)
        with torch.autograd.graph.saved_tensors_hooks(self._count, lambda tensor: tensor), self._precision():
            loss = nn.functional.cross_entropy(self._model(inputs), targets)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self._model.zero_grad()

    @torch.inference_mode()
    def evaluate(self, count: int) -> None:
        """Look at `count` images."""
        inputs = torch.rand((count, *self._dataset.inputs.shape), device=self._place)
        with self._precision():
            self._model(inputs)

    def _noise(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        images = torch.randint(256, (count, *self._dataset.inputs.shape), dtype=torch.uint8)
        return images.to(self._place), torch.zeros(count, dtype=torch.int64, device=self._place)

    def _precision(self) -> AbstractContextManager[object]:
        return torch.autocast(self._place.type, torch.bfloat16, enabled=self._bf16)

    def _count(self, tensor: torch.Tensor) -> torch.Tensor:
        if tensor.untyped_storage().data_ptr() not in self._own:
            self.kept_bytes += tensor.nbytes
        return tensor


def _seconds_an_image(work: Callable[[int], None], most: int, place: torch.device) -> float:
    """Return the time of `work` on a batch of `most` images, or of the largest that is tried, divided by its size."""
    on_cpu = place.type == "cpu"
    clock = time.process_time if on_cpu else time.perf_counter  # other programs on the processor are not counted
    for count in (*(few for few in _FEW if few < most), most):
        began = clock()
        work(count)
        if not on_cpu:
            torch.cuda.synchronize(place)
        each = (clock() - began) / count / (torch.get_num_threads() if on_cpu else 1)
        if each * min(most, 8 * count) > _BUDGET_SECONDS:
            break
    return each
