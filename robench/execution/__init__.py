"""Executors: where runs are carried out. They call `worker.run_one` and nothing else."""

from robench.execution.settings import Settings
from robench.execution.worker import run_one

__all__ = ["Settings", "run_one"]
