"""Pure tensor maths of sparse training: masks, distributions, schedules, rewiring, FLOPs."""

from robench.sparse.dynamic import DynamicSparse
from robench.sparse.masked import Masked

__all__ = ["DynamicSparse", "Masked"]
