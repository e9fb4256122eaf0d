"""From what a person writes to finished runs and their boards."""

from robench.study.grid import GridSpec, grid_of
from robench.study.plan import expand
from robench.study.run import run

__all__ = ["GridSpec", "expand", "grid_of", "run"]
