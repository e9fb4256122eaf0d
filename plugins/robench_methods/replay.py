"""Replay of a final mask."""

from dataclasses import dataclass
from typing import final

from torch import nn

from robench.contracts.model import Factory
from robench.sparse.inheriting import Inheriting


@final
@dataclass(kw_only=True, eq=False)
class Replay(Inheriting):
    """Replay: train from scratch under the final mask of a finished run, from weights that run never saw.

    The control that tells the mask which dynamic training finds apart from the exploration that finds it. The run is
    that of method `of` with the same model, data, recipe and seed; it is done first where it is not finished. Costs
    3 f a step; what the followed run cost is booked there.

    The weights are the second that the run's random stream gives, so they are new to the mask; data order and
    augmentation are those of the run. Differs from lottery tickets (Frankle and Carbin 2019, arXiv:1803.03635), which
    start from the original weights: that is dense-to-static.
    """

    of: str = "rigl"

    def build(self, factory: Factory) -> nn.Module:
        """Return the second network that the factory makes: the first is that of the run whose mask is replayed."""
        factory()
        return factory()
