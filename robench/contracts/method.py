"""Method: how a network is trained."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer


class Method(ABC):
    """Hooks around a plain training loop; one instance per run.

    Options are keyword-only constructor parameters with a type and a default (a dataclass field is the usual
    way); robench validates them and prints them. The loop calls, for step = 0, 1, ... total_steps - 1:
    forward, backward, `before_step(step)`, optimiser step (if True came back), `after_step(step)`.

    Laws, checked for every registered method by the project's tests:
    - the number of active weights follows the declared schedule to the unit at every step;
    - the mask is the truth, never `w != 0`;
    - a grown weight is 0 and so is its optimiser state, unless the method declares otherwise;
    - a dropped weight stays 0 under weight decay, momentum and Adam;
    - no global random state is consumed: randomness comes from stream(seed, "topology", ...);
    - every rank holds the same masks;
    - state saved after any step and loaded continues bit for bit.
    """

    api_version: ClassVar[int] = 1

    def build(self, factory: Callable[[], "nn.Module"]) -> "nn.Module":
        """Return the model to train; a control may call the factory with other settings."""
        return factory()

    @abstractmethod
    def start(self, model: "nn.Module", optimizer: "Optimizer", *, total_steps: int, seed: int) -> None:
        """Choose masks and apply them in place; keep references, reallocate and rename nothing."""

    @abstractmethod
    def before_step(self, step: int) -> bool:
        """Rewire and mask gradients, which are final here; False skips the optimiser step."""

    @abstractmethod
    def after_step(self, step: int) -> None:
        """Bring dropped weights and their optimiser state back to exactly 0."""

    def dense_gradient(self, step: int) -> bool:
        """Say whether step `step` needs weight gradients of inactive weights (counted as training FLOPs)."""
        return False

    @property
    @abstractmethod
    def masks(self) -> Mapping[str, "Tensor"]:
        """Name as in `named_parameters()` -> bool tensor, True = active; empty for dense."""

    @property
    @abstractmethod
    def updates(self) -> int:
        """Number of topology updates so far: masks change only when this number does."""

    @property
    def exploration_rate(self) -> float:
        """Share of masked weights that were ever active (R_s, arXiv:2102.02887); 1 where nothing is masked."""
        total = sum(mask.numel() for mask in self.masks.values())
        return sum(int(mask.sum()) for mask in self.masks.values()) / total if total else 1.0

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """Return a flat dict of contiguous tensors and plain JSON values, a copy that later steps leave alone."""

    @abstractmethod
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict()`.

        Called after `start` with the same arguments; weights and optimiser state are restored by the caller,
        after `start` too.
        """
