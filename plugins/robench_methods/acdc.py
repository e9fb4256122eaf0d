"""Alternating Compressed/DeCompressed training (AC/DC)."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor

from robench.contracts.options import Fraction, PresetOptions
from robench.sparse.pruning import ScheduledPruning


@final
@dataclass(kw_only=True, eq=False)
class ACDC(ScheduledPruning):
    """Alternating Compressed/DeCompressed training: sparse and dense phases in turn, sparse at the end.

    Peste et al. 2021, arXiv:2106.12379. Dense up to `start_fraction` of all steps, then phases of `phase_fraction`,
    sparse first, up to `stop_fraction`, from which the network is sparse; a sparse phase that would run into
    `stop_fraction` is dense. Weights are compared over all layers (`scope`). Restored weights start at 0, and
    restoring clears the state of the whole optimiser, as the scripts of the official code do. Phases begin after an
    optimiser step. Costs 3 f(masks) a step: 3 f(dense) in dense phases.

    Defaults are those of ResNet-50 in the official code: pruned at epochs 10, 20, ..., 70 and 85 of 100, restored
    at 15, 25, ..., 75. The number of weights is that of `distribution` to the unit.
    """

    start_fraction: Fraction = 0.1
    phase_fraction: Fraction = 0.05
    stop_fraction: Fraction = 0.85

    update_clears_state: ClassVar[bool] = True

    presets: ClassVar[Mapping[str, PresetOptions]] = {
        "cifar": PresetOptions(
            "official code, CIFAR-100 WideResNet: pruned at 10, 50, 90, 130, 170 of 200 epochs",
            {"start_fraction": 0.05, "phase_fraction": 0.1, "stop_fraction": 0.85},
        ),
        "imagenet": PresetOptions(
            "official code, ResNet-50",
            {"start_fraction": 0.1, "phase_fraction": 0.05, "stop_fraction": 0.85},
        ),
    }

    def switches(self) -> list[int]:
        """Return the steps at which phases end: the network turns sparse, dense, sparse, ..., sparse."""
        start, end = self.span()
        inner = list(range(start, end, max(1, round(self.phase_fraction * self.total_steps))))
        return [*inner[: len(inner) // 2 * 2], end]

    def updates_at(self, step: int) -> bool:
        """Say whether a phase ends with `step`."""
        return step in self.switches()

    def surplus_at(self, step: int) -> float:
        """Return 1 in dense phases, 0 in sparse ones."""
        return float(bisect_right(self.switches(), step) % 2 == 0)

    def rewire(self, step: int, gradients: Mapping[str, Tensor]) -> None:
        """Prune at the end of a dense phase, restore every weight at the end of a sparse one."""
        if not self.surplus_at(step):
            return super().rewire(step, gradients)
        missing = {name: mask.numel() - int(mask.count_nonzero()) for name, mask in self.masks.items()}
        for name, count in missing.items():
            self.change(step, name, gradients, drop=0, grow=count)
        if any(missing.values()):
            self.clear_optimizer_state()
        return None
