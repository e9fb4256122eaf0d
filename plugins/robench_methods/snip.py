"""Single-shot Network Pruning (SNIP)."""

from dataclasses import dataclass
from typing import ClassVar, final

from torch import Tensor

from robench.contracts.role import Role
from robench.sparse.pruning import Pruning


@final
@dataclass(kw_only=True, eq=False)
class SNIP(Pruning):
    """Single-shot Network Pruning: one mask, from the sensitivity of the loss to each weight on the first batch.

    Lee et al. 2019, arXiv:1810.02340. The weights of largest |w * dL/dw| stay, over all layers together, as in the
    official code. The network is dense up to the first gradient, which is used for the mask alone: that step
    changes no weight. It costs 3 f(dense), every other step 3 f(masks).

    `scope="layer"` takes the numbers of `distribution` for each layer, as SNIP in RigL's repository does.
    Differences from the official code: weights keep the initialisation of the model, where it draws them anew with
    variance scaling; the number of weights is that of `distribution` to the unit (round(N (1 - s)) there); a layer
    left without weights is an error.
    """

    role: ClassVar[Role] = Role.STATIC
    update_replaces_step: ClassVar[bool] = True

    @property
    def drop_uses_gradient(self) -> bool:
        """Always."""
        return True

    def drop_scores(self, weight: Tensor, grad: Tensor) -> Tensor:
        """Return the connection sensitivity |w * dL/dw|."""
        return (weight * grad).abs_()

    def updates_at(self, step: int) -> bool:
        """Only at the first step."""
        return step == 0

    def surplus_at(self, step: int) -> float:
        """Return 0: what the first step leaves is final."""
        return 0.0
