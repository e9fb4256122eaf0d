"""Executors: where runs are carried out. They call `worker.run_one` and nothing else."""
