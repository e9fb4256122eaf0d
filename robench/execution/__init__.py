"""Executors: where runs are carried out. They call `worker.run_one` and nothing else."""

from robench.registry import distributions

distributions.installed()  # a worker's process begins here, before any library looks at them
