"""Sparse Evolutionary Training (SET)."""

from dataclasses import dataclass
from typing import ClassVar, final

from robench.sparse.dynamic import DynamicSparse


@final
@dataclass(kw_only=True, eq=False)
class SET(DynamicSparse):
    """Sparse Evolutionary Training: drop the smallest weights, grow random ones.

    Mocanu et al. 2018, arXiv:1707.04780. The update follows the optimiser step; just-dropped weights may be
    drawn again and then restart at value 0 and state 0.

    Defaults are those of SET in RigL's repository (arXiv:1911.11134): cosine from 0.3, every 100 steps, rest
    after 75 % of training. The official code drops 0.3 at the end of every epoch without decay or rest, takes the
    smallest positive and the largest negative weights separately, draws initial masks with an inexact count, keeps
    the output layer dense and resets all optimiser state at each update.
    """

    dropped_may_regrow: ClassVar[bool] = True
