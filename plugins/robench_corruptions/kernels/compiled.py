"""Loops compiled by Numba, kept on disk between runs wherever there is a place to keep them."""

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` on its first call, in IEEE arithmetic as written, without Python's global lock.

    Where neither the package's folder nor the user's cache can be written, every process compiles anew. Numba
    sees a change only in the function's own file, so a compiled function calls none from another file.
    """
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # "no locator available": nowhere to write
        return njit(nogil=True)(function)
