"""Unmasked: training without any mask."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from robench.contracts.method import Method


@dataclass(kw_only=True, eq=False)
class Unmasked(Method):
    """Leaves the plain loop as it is; subclasses choose the model (`build`) or what happens at `start`.

    Example:
        >>> class Plain(Unmasked):
        ...     def start(self, model, optimizer, *, total_steps, seed):
        ...         pass
        >>> Plain().before_step(0), Plain().masks, Plain().exploration_rate
        (True, {}, 1.0)
    """

    def before_step(self, step: int) -> bool:
        """Let every step pass."""
        return True

    def after_step(self, step: int) -> None:
        """Change nothing."""

    @property
    def masks(self) -> Mapping[str, Tensor]:
        """No masks."""
        return {}

    @property
    def updates(self) -> int:
        """Always 0."""
        return 0

    def state_dict(self) -> dict[str, Any]:
        """Return an empty dict."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore nothing."""
