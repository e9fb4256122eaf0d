"""Dense training."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

from torch import Tensor, nn
from torch.optim import Optimizer

from robench.contracts.method import Method


@final
@dataclass(kw_only=True, eq=False)
class Dense(Method):
    """Dense training: every weight active at every step.

    The baseline of the leaderboards. It does nothing to the plain loop.
    """

    def start(self, model: nn.Module, optimizer: Optimizer, *, total_steps: int, seed: int) -> None:
        """Choose no masks."""

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
