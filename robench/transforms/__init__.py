"""Corruptions in a torchvision pipeline."""

from robench.transforms.corrupt import Corrupt
from robench.transforms.indexed import Indexed

__all__ = ["Corrupt", "Indexed"]
