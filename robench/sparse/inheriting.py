"""Inheriting: train from the first step to the last under a mask that a finished run left."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from robench.errors import InputError
from robench.sparse.distributions import Shapes
from robench.sparse.masked import Masked


@dataclass(kw_only=True, eq=False)
class Inheriting(Masked):
    """One mask, taken from the run that `of` names and never rewired; subclasses say which weights it starts from.

    Attributes:
        of: A method as on the command line. Options that it shares with this one, such as `sparsity` and
            `distribution`, are given here and passed on to it.

    Example:
        >>> from torch import nn, optim
        >>> model, method = nn.Linear(3, 1), Inheriting(of="set(drop_fraction=0.5)")
        >>> method.inherit({"weight": torch.tensor([[True, False, True]])}, {})
        >>> method.start(model, optim.SGD(model.parameters(), lr=0.1), total_steps=1, seed=0)
        >>> (model.weight != 0).tolist()
        [[True, False, True]]
    """

    of: str

    def __post_init__(self) -> None:
        super().__post_init__()
        self._left: tuple[Mapping[str, Tensor], Mapping[str, Tensor]] | None = None
        self._chosen: Mapping[str, Tensor] = {}

    @property
    def follows(self) -> str:
        """The method in `of`."""
        return self.of

    def inherit(self, masks: Mapping[str, Tensor], weights: Mapping[str, Tensor]) -> None:
        """Keep what the run left until `start` chooses masks from it."""
        self._left = masks, weights

    def choose(
        self, shapes: Shapes, sparsity: float, masks: Mapping[str, Tensor], weights: Mapping[str, Tensor]
    ) -> Mapping[str, Tensor]:
        """Return the masks to train under: those that the run left.

        Args:
            shapes: Name -> shape of every weight of this model that can be masked.
            sparsity: Of this method.
            masks: Name -> bool tensor, as the run left them.
            weights: State dict that the run left.

        Raises:
            InputError: It left none.
        """
        if not masks:
            raise InputError(f"of: the run of {self.of!r} left no masks")
        return masks

    def layer_counts(self, shapes: Shapes, sparsity: float) -> dict[str, int]:
        """Return the number of active weights of each mask that `choose` gives.

        Raises:
            InputError: There is nothing inherited, or it belongs to a model of other layers or shapes.
        """
        if self._left is None:
            raise InputError(f"of: nothing is inherited from {self.of!r}; call inherit() before start()")
        self._chosen = self.choose(shapes, sparsity, *self._left)
        for name, mask in self._chosen.items():
            if name not in shapes or mask.shape != shapes[name]:
                raise InputError(f"of: the mask of {name}, {tuple(mask.shape)}, fits no layer of this model")
        return {name: int(self._chosen[name].sum()) for name in shapes if name in self._chosen}

    def draw(self, weight: Tensor, count: int, generator: torch.Generator) -> Tensor:
        """Return the chosen mask of a weight; nothing is random."""
        name = next(name for name, known in self.weights.items() if known is weight)
        return torch.empty_like(weight, dtype=torch.bool, requires_grad=False).copy_(self._chosen[name])

    @property
    def updates(self) -> int:
        """Always 0."""
        return 0
