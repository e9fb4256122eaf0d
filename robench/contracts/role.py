"""Role: what part a training method plays in a comparison."""

from enum import StrEnum, auto


class Role(StrEnum):
    """What a method is compared as; the verdict of a board asks whether DYNAMIC rows beat each of the others.

    Attributes:
        DENSE: The full network.
        DYNAMIC: Sparse, the topology changes while it trains.
        STATIC: Sparse, one mask from the first step to the last.
        SMALL: A dense network with fewer parameters.
        PRUNING: Starts dense and ends sparse.
        OTHER: None of these, compared with the baseline only.

    Example:
        >>> Role("dynamic") is Role.DYNAMIC
        True
    """

    DENSE = auto()
    DYNAMIC = auto()
    STATIC = auto()
    SMALL = auto()
    PRUNING = auto()
    OTHER = auto()
