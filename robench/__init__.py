"""Does this way of training make a network more robust to corruption, and at what cost?"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from robench.board.leaderboard import leaderboard
    from robench.corruption import corrupt
    from robench.registry import method
    from robench.sparse.flops import flops
    from robench.study.run import run
else:
    _HOMES = {
        "corrupt": "robench.corruption",
        "flops": "robench.sparse.flops",
        "leaderboard": "robench.board.leaderboard",
        "method": "robench.registry",
        "run": "robench.study.run",
    }

    def __getattr__(name: str) -> object:
        """Import the public functions on first use: `import robench` itself stays free of torch."""
        if name in _HOMES:
            import_module("robench.registry.distributions").installed()  # before any library looks at them
            return getattr(import_module(_HOMES[name]), name)
        raise AttributeError(f"module 'robench' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__


__all__ = ["__version__", "corrupt", "flops", "leaderboard", "method", "run"]
