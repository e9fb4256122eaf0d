"""Gradual Magnitude Pruning (GMP)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, final

from robench.contracts.options import Fraction, PositiveInt, PresetOptions
from robench.sparse.distributions import Distribution
from robench.sparse.pruning import ScheduledPruning
from robench.sparse.schedules import cubic, is_update, last_update


@final
@dataclass(kw_only=True, eq=False)
class GMP(ScheduledPruning):
    """Gradual Magnitude Pruning: start dense, take away the smallest weights on a cubic schedule.

    Zhu and Gupta 2017, arXiv:1710.01878: s_t = s (1 - (1 - (t - t0) / (t1 - t0))^3) from `start_fraction` to
    `stop_fraction` of all steps, pruned every `update_interval` steps and at t1, after the optimiser step. A pruned
    weight never returns. Costs 3 f(masks) a step with the masks of that step.

    Defaults follow RigL's repository on CIFAR: uniform per layer, first layer dense, t0 and t1 at 20,000 and 75,000
    of 97,656 steps. `scope="global"` compares all layers, which is GraNet's GMP. The last pruning ends at the target
    to the weight; sparsimony's schedule stops short of it (.8946 for .9).
    """

    distribution: Distribution = "uniform"
    scope: Literal["global", "layer"] = "layer"
    start_fraction: Fraction = 0.2
    stop_fraction: Fraction = 0.77
    update_interval: PositiveInt = 100

    presets: ClassVar[Mapping[str, PresetOptions]] = {
        "cifar": PresetOptions(
            "RigL repository, CIFAR: 20,000 and 75,000 of 97,656 steps, every 1,000",
            {"start_fraction": 0.2, "stop_fraction": 0.77, "update_interval": 1000},
        ),
        "imagenet": PresetOptions(
            "RigL repository, ImageNet: 10,000 and 25,000 of 32,000 steps, every 1,000",
            {"start_fraction": 0.31, "stop_fraction": 0.78, "update_interval": 1000},
        ),
    }

    def updates_at(self, step: int) -> bool:
        """Say whether the network is pruned at `step`."""
        start, end = self.span()
        regular = is_update(step, interval=self.update_interval, stop=end, total=self.total_steps)
        return (regular and step > start) or step == end

    def surplus_at(self, step: int) -> float:
        """Return the cubic schedule at the last pruning up to `step`."""
        start, end = self.span()
        last = last_update(step, interval=self.update_interval, stop=end, total=self.total_steps)
        return cubic(end if step >= end else last, start, end)
