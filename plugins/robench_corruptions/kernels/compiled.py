"""Loops compiled by Numba, kept on disk between runs wherever there is a place to keep them."""

import os
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

Given = ParamSpec("Given")
Returned = TypeVar("Returned")
_HAS_HOME = os.path.isabs(os.path.expanduser("~"))


def compiled(function: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """Compile `function` on its first call, in IEEE arithmetic as written, without Python's global lock.

    Annotations are for readers and type checkers: Numba compiles for the types that it is called with.

    Where neither the package's folder nor the user's cache can be written, and where no home directory is known (for
    which Numba would make a folder named `~`), every process compiles anew. Numba sees a change only in the
    function's own file, so a compiled function calls none from another file.
    """
    fast: Callable[Given, Returned]
    try:
        fast = njit(cache=_HAS_HOME, nogil=True)(function)
    except RuntimeError:  # "no locator available": nowhere to write
        fast = njit(nogil=True)(function)
    return fast
