"""Corrupt images: `corrupt(images, "fog", severity=3)`."""

from robench.corruption.forms import Images
from robench.corruption.images import AnyImages, Maps, apply, corrupt

__all__ = ["AnyImages", "Images", "Maps", "apply", "corrupt"]
