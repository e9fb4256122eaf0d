"""Role: what part a training method plays in a comparison."""

from enum import StrEnum, auto


class Role(StrEnum):
    """What a method is compared as; the verdict of a board asks whether DYNAMIC rows beat each of the others.

    DENSE: the full network. DYNAMIC: sparse, the topology changes while it trains. STATIC: sparse, one mask from the
    first step to the last. SMALL: a dense network with fewer parameters. PRUNING: starts dense and ends sparse.
    OTHER: none of these, compared with the baseline only.
    """

    DENSE = auto()
    DYNAMIC = auto()
    STATIC = auto()
    SMALL = auto()
    PRUNING = auto()
    OTHER = auto()
