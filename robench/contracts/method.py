"""Method: how a network is trained."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from robench.contracts.role import Role
from robench.contracts.version import UNSTATED
from robench.errors import PluginError

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.optim import Optimizer

    from robench.contracts.model import Factory


class Method(ABC):
    """Hooks around a plain training loop; one instance per run.

    Options are keyword-only constructor parameters with a type and a default (a dataclass field is the usual
    way); robench validates them and prints them. The loop calls, for step = 0, 1, ... total_steps - 1:
    forward, backward, `before_step(step)`, optimiser step (if True came back), `after_step(step)`.

    Laws, checked by `robench check method NAME` (`robench.testing`) for built-ins and third parties alike:
    - every weight that can be masked is, but for the first layer, unless `leaves_dense`; masks are bool;
    - the number of active weights follows the declared schedule to the unit at every step; each layer's is that of the
      option `distribution`, where there is one and the counts of layers are fixed;
    - the mask is the truth, never `w != 0`;
    - a grown weight is 0 and so is its optimiser state, unless the method declares otherwise;
    - a kept weight stays what it is, at `start` too, and so does its optimiser state (`update_clears_state`);
    - a dropped weight stays 0 under weight decay, momentum, Adam, and optimisers that mix weights, such as Muon;
    - nothing is grown from the step that is `stop_fraction` of all on, where there is such an option;
    - parameters, gradients and masks keep their place; gradients of active weights keep their values where nothing is
      rewired;
    - no global random state is consumed: randomness comes from stream(seed, "topology", ...), and another seed gives
      other masks;
    - gradients count as they are at `before_step`: of all micro-batches, the mean of all ranks; none are read later;
    - every rank holds the same masks, those of one process with the seed of rank 0;
    - state saved after any step and loaded continues bit for bit.

    Example:
        >>> import robench, torch
        >>> model = torch.nn.Linear(10, 10)
        >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
        >>> method = robench.method("set", sparsity=0.9, update_interval=2)
        >>> method.start(model, optimizer, total_steps=8, seed=0)
        >>> for step in range(8):
        ...     optimizer.zero_grad()
        ...     model(torch.ones(1, 10)).square().sum().backward()
        ...     if method.before_step(step):
        ...         optimizer.step()
        ...     method.after_step(step)
        >>> mask = method.masks["weight"]
        >>> method.updates, int(mask.sum()), int(model.weight[~mask].count_nonzero())
        (2, 10, 0)
    """

    api_version: ClassVar[int] = UNSTATED
    role: ClassVar[Role] = Role.OTHER
    """What the method is compared as on a board; it stands in the record."""
    dropped_may_regrow: ClassVar[bool] = False
    """Weights dropped in an update are candidates for growth in it."""
    update_replaces_step: ClassVar[bool] = False
    """The optimiser step is skipped where the topology is updated; else the update follows the step."""
    update_clears_state: ClassVar[bool] = False
    """An update may clear the optimiser's state of all weights, kept ones too."""
    leaves_dense: ClassVar[bool] = False
    """Layers that could be masked stay dense by the method's own rule, beyond the first; its docstring says which."""
    constant_fan_in: ClassVar[bool] = False
    """All active neurons of a layer have as many weights; a count is the largest that allows it, below the target."""

    @property
    def regrown_keeps(self) -> bool:
        """A weight dropped and grown again in one update keeps value and optimiser state; else both restart at 0.

        A class field where it is the same for all options of the method.
        """
        return False

    def build(self, factory: "Factory") -> "nn.Module":
        """Return the model to train; a control may call the factory with other settings."""
        return factory()

    @property
    def follows(self) -> str | None:
        """The method, as on the command line, whose finished run of the same spec this one starts from; None: none."""
        return None

    def inherit(self, masks: Mapping[str, "Tensor"], weights: Mapping[str, "Tensor"]) -> None:
        """Take what the run it follows left; called before `build` and `start`.

        Args:
            masks: Its final masks, name -> bool tensor (CPU).
            weights: Its final state dict (CPU).

        Raises:
            PluginError: The method follows another but does not define this.
        """
        raise PluginError(f"{type(self).__name__} follows {self.follows!r} but does not define inherit()")

    @abstractmethod
    def start(self, model: "nn.Module", optimizer: "Optimizer", *, total_steps: int, seed: int) -> None:
        """Choose masks and apply them in place; keep references, reallocate and rename nothing.

        Args:
            model: Its weights initialised, on its device.
            optimizer: Made from the parameters of `model`.
            total_steps: Number of steps of the whole run, at least 1.
            seed: Of the run.

        Raises:
            InputError: The model or the optimizer cannot be trained so, in one line.
        """

    @abstractmethod
    def before_step(self, step: int) -> bool:
        """Rewire and mask gradients, which are final here.

        Args:
            step: From 0.

        Returns:
            False skips the optimiser step.
        """

    @abstractmethod
    def after_step(self, step: int) -> None:
        """Bring dropped weights and their optimiser state back to exactly 0."""

    def dense_gradient(self, step: int) -> bool:
        """Say whether step `step` needs weight gradients of inactive weights (counted as training FLOPs)."""
        return False

    def active_at(self, step: int) -> int | None:
        """Return the declared number of active weights, all layers together, at the end of step `step`.

        None declares that every layer keeps the number it has after `start`.
        """
        return None

    @property
    @abstractmethod
    def masks(self) -> Mapping[str, "Tensor"]:
        """Name as in `named_parameters()` -> bool tensor, True = active; empty for dense.

        From `start` on the same tensors, rewired in place.
        """

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
        """Return a flat dict of contiguous tensors, masks as bool, and plain JSON values.

        It is a copy that later steps leave alone.
        """

    @abstractmethod
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict()`.

        Called after `start` with the same arguments; weights and optimiser state are restored by the caller,
        after `start` too.
        """
