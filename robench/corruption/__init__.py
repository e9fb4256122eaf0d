"""Corrupt images: `corrupt(images, "fog", severity=3)`."""

from robench.corruption.images import Images, Maps, apply, corrupt

__all__ = ["Images", "Maps", "apply", "corrupt"]
