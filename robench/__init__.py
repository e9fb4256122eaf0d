"""Does this way of training make a network more robust to corruption, and at what cost?"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "corrupt": "robench.corruption.images",
    "flops": "robench.sparse.flops",
    "method": "robench.registry",
}

__all__ = ["__version__", "corrupt", "flops", "method"]


def __getattr__(name: str) -> Any:
    """Import the public functions on first use: `import robench` itself stays free of torch."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'robench' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
