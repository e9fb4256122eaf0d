"""Sparse Evolutionary Training (SET)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, final

from torch import Tensor

from robench.contracts.options import PresetOptions
from robench.sparse.dynamic import DynamicSparse
from robench.sparse.rewiring import Layer
from robench.sparse.topk import Rewired, largest, smallest


@final
@dataclass(kw_only=True, eq=False)
class SET(DynamicSparse):
    """Sparse Evolutionary Training: drop the smallest weights, grow random ones.

    Mocanu et al. 2018, arXiv:1707.04780. The update follows the optimiser step; just-dropped weights may be drawn
    again. Training costs 3 f(masks) a step, no dense gradient. Which SET is a matter of `drop`:

    - "sign", the default, as the official Keras code: the drop fraction of the negative and of the positive weights
      separately (a weight of exactly 0 is among the positive); a weight drawn again restarts at value 0 and state 0.
    - "magnitude", as in RigL's repository and in ITOP, which most papers mean by the name: of all weights of the
      layer; a weight drawn again keeps value and optimiser state. At 10 % sparsity nearly all that is dropped is drawn
      again at once, so there the two differ most.

    The schedule is the one of the RigL paper (arXiv:1911.11134): cosine from 0.3, every 100 steps, rest after 75 % of
    training. The Keras code drops 0.3 at the end of every epoch without decay or rest, takes positions between sorted
    weights (within 2 of the counts here), draws initial masks with an inexact count, keeps the output layer dense and
    resets all optimiser state at each update. ITOP drops the ceiling of the fraction, here the floor: one weight more a
    layer; it grows as many only on average.
    """

    drop: Literal["sign", "magnitude"] = "sign"

    dropped_may_regrow: ClassVar[bool] = True
    presets: ClassVar[Mapping[str, PresetOptions]] = {
        "cifar": PresetOptions(
            "RigL repository, CIFAR (WRN-16-4): 75,000 of 97,656 steps; its flag keeps the drop fraction constant, the "
            "cosine is the paper's (WRN-22-2, arXiv:1911.11134)",
            {"drop": "magnitude", "stop_fraction": 0.77},
        ),
        "imagenet": PresetOptions(
            "RigL repository, ResNet-50: 25,000 of 32,000 steps; its flag keeps the drop fraction constant, the cosine "
            "is the paper's (arXiv:1911.11134)",
            {"drop": "magnitude", "stop_fraction": 0.78},
        ),
        "itop": PresetOptions(
            "In-Time-Over-Parameterization, repository, CIFAR (arXiv:2102.02887); its cosine ends at 0.005",
            {"drop": "magnitude", "drop_fraction": 0.5, "update_interval": 1500, "stop_fraction": 1.0},
        ),
    }

    @property
    def regrown_keeps(self) -> bool:
        """With `drop="magnitude"`."""
        return self.drop == "magnitude"

    def drop_scores(self, weight: Tensor, grad: Tensor) -> Tensor:
        """Return the magnitude; where signs are told apart, the weight itself."""
        return weight if self.drop == "sign" else super().drop_scores(weight, grad)

    def choose(self, layer: Layer) -> Rewired:
        """Drop the same share of each sign where that is asked for, grow as many."""
        if self.drop == "magnitude":
            return super().choose(layer)
        kept, weight = layer.active, layer.drop_scores
        for sign in (weight < 0, weight >= 0):
            group = layer.active & sign
            count = int(int(group.sum()) * self.fraction_at(layer.step))
            kept = kept & ~smallest(weight.abs(), group, count, layer.rng)
        dropped = int(layer.active.sum() - kept.sum())
        return Rewired(kept, kept | largest(layer.grow_scores, ~kept, dropped, layer.rng))
