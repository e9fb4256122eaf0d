"""What a corrupted set is made from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from robench.contracts import Dataset, Suite


@dataclass(frozen=True)
class Clean:
    """The first test images, `pixels` uint8 (N, H, W, C) and `labels` int64 (N,), and what is done to them.

    `root` is the data root, where the files lie that some corruptions need.
    """

    suite: Suite
    dataset: Dataset
    root: Path
    pixels: np.ndarray
    labels: np.ndarray

    @property
    def stacked_shape(self) -> tuple[int, ...]:
        """Shape of one corruption's file: the severities one after another."""
        return (len(self.suite.severities) * len(self.pixels), *self.pixels.shape[1:])
