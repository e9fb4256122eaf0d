"""What the arrays of corruptions hold."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
"""Images, and whatever else has levels 0 to 255."""
Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]
Indices = NDArray[np.int64]
Reals = NDArray[np.floating[Any]]

Real = TypeVar("Real", bound=np.floating[Any])
"""The precision that goes in and comes out again."""
