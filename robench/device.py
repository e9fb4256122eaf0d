"""What there is to compute on."""

import os
import re

from robench.errors import InputError


def cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def resolve(name: str) -> str:
    """Return "cpu", "cuda" or "cuda:N" for what was asked; "auto" takes a GPU where there is one.

    Raises InputError for another name and for a GPU that is not there.
    """
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if not re.fullmatch(r"cpu|cuda(:\d+)?", name):
        raise InputError(f"device: {name!r} is unknown; allowed are auto, cpu, cuda, cuda:N")
    present = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name.startswith("cuda") and int(name.partition(":")[2] or 0) >= present:
        raise InputError(f"device: {name!r} asked for, but this machine has {present} usable CUDA devices; use cpu")
    return name
