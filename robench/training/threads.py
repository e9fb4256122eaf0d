"""The number of threads that PyTorch computes with."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Compute with `count` threads inside, whatever OMP_NUM_THREADS and the machine say; afterwards as before.

    The libraries below PyTorch (OpenMP, MKL) follow it. A sum over other parts is rounded otherwise, so a run has the
    number of its spec, not that of the machine.

    Example:
        >>> with threads(2):
        ...     torch.get_num_threads()
        2
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
