"""Data: where it lies, how it is fetched and read, and the corrupted sets made from it."""

from robench.data.places import cache, root

__all__ = ["cache", "root"]
