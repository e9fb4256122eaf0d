"""From what a person writes to finished runs and their boards."""

from robench.study.grid import GridSpec, grid_of
from robench.study.plan import expand
from robench.study.run import Finished, carry_out

__all__ = ["Finished", "GridSpec", "carry_out", "expand", "grid_of"]
