"""Static sparse training."""

from dataclasses import dataclass
from typing import final

from robench.sparse.masked import Masked


@final
@dataclass(kw_only=True, eq=False)
class Static(Masked):
    """Static sparse training: one random mask, never rewired.

    The control that tells rewiring apart from mere sparsity; RigL (arXiv:1911.11134) calls it "Static".
    Exact counts per layer, where Random_Pruning's code draws each weight independently. RigL's own code can
    also re-initialise weak weights of the fixed mask; nothing is re-initialised here.
    """

    @property
    def updates(self) -> int:
        """Always 0."""
        return 0
