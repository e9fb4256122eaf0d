"""Where a result was made: versions, hardware, commit."""

import os
import platform
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any

from robench.errors import FOREIGN, InputError

UNKNOWN = "unknown"


@cache
def describe() -> dict[str, Any]:
    """Return plain JSON facts of this machine and installation; no user name, host name or path."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "libraries": libraries(),
        "commit": _commit(),
    }


def device_name(device: str) -> str:
    """Return the accelerator's product name, or the processor's."""
    if not device.startswith("cuda"):
        return _processor()
    import torch

    return torch.cuda.get_device_name(torch.device(device))


def peak_memory_bytes(device: str) -> int:
    """Return the most memory in use so far: of the accelerator where one is used, else of this process."""
    if device.startswith("cuda"):
        import torch

        return torch.cuda.max_memory_allocated(torch.device(device))
    import resource

    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def libraries() -> dict[str, str]:
    """Return robench and what it needs, each with its version, UNKNOWN where that cannot be found out."""
    return {name: _version(name) for name in ("robench", *_dependencies())}


def _version(name: str) -> str:
    try:
        return str(version(name) or UNKNOWN)
    except FOREIGN:  # not installed as a distribution, or its metadata cannot be read
        return UNKNOWN


def _dependencies() -> list[str]:
    try:
        lines = requires("robench") or ()
    except FOREIGN:
        lines = ()
    return sorted(re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in lines if "extra" not in line)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _commit() -> str | None:
    checkout = Path(__file__).parents[1]
    if not (checkout / ".git").exists():
        return None
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty", "--abbrev=40"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def cores() -> int:
    """Return the number of processor cores that this process may use: of its affinity, and of a container's quota."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for folder in _control_groups():
        quota, _, period = _content(folder / "cpu.max").partition(" ")
        if quota.isdigit() and period.strip().isdigit():
            count = min(count, max(1, int(quota) // int(period)))
    return count


def available_memory_bytes() -> int | None:
    """Return the memory that programs may still take: of the machine and of a container; None where nothing says it."""
    lines = dict(line.split(":", 1) for line in _content(Path("/proc/meminfo")).splitlines() if ":" in line)
    free = [int(lines["MemAvailable"].split()[0]) * 1024] if "MemAvailable" in lines else []
    for folder in _control_groups():
        most, used = _content(folder / "memory.max").strip(), _content(folder / "memory.current").strip()
        if most.isdigit() and used.isdigit():
            free.append(max(0, int(most) - int(used)))
    return min(free) if free else None


def _control_groups() -> list[Path]:
    """Return the folders of the control groups (version 2) that hold this process, innermost first; Linux only."""
    paths = [line[3:] for line in _content(Path("/proc/self/cgroup")).splitlines() if line.startswith("0::")]
    root = Path("/sys/fs/cgroup")
    inner = [root / path.lstrip("/") for path in paths if ".." not in path] or [root]
    return [folder for folder in (inner[0], *inner[0].parents) if folder.is_relative_to(root)]


def _content(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def resolve_device(name: str) -> str:
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
