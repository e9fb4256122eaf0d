"""Files from outside: where they lie, whether they are right, and how they are fetched."""

from robench.download.roots import cache, root

__all__ = ["cache", "root"]
