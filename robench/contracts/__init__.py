"""What a plugin author implements. Importing this never imports torch."""

from robench.contracts.corruption import Corruption, Draws, Presets
from robench.contracts.dataset import Dataset
from robench.contracts.files import Download, File
from robench.contracts.method import Method
from robench.contracts.model import Model
from robench.contracts.options import Fraction, NonNegative, Positive, PositiveInt, Sparsity
from robench.contracts.suite import Protocol, Published, Suite

__all__ = [
    "Corruption",
    "Dataset",
    "Download",
    "Draws",
    "File",
    "Fraction",
    "Method",
    "Model",
    "NonNegative",
    "Positive",
    "PositiveInt",
    "Presets",
    "Protocol",
    "Published",
    "Sparsity",
    "Suite",
]
