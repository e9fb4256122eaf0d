"""How long work on data tells how far it is."""

from collections.abc import Callable

Tick = Callable[[str, int, int], None]
"""Called as `tick(what, done, total)` with bytes or images; `total` is 0 where it is not known."""


def silent(what: str, done: int, total: int) -> None:
    """Tell nothing."""
