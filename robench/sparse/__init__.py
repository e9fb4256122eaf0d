"""Pure tensor maths of sparse training: masks, distributions, schedules, rewiring, pruning, FLOPs."""

from robench.sparse.dynamic import DynamicSparse
from robench.sparse.masked import Masked
from robench.sparse.pruning import Pruning, ScheduledPruning
from robench.sparse.rewiring import Rewiring

__all__ = ["DynamicSparse", "Masked", "Pruning", "Rewiring", "ScheduledPruning"]
