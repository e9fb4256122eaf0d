"""What a plugin author implements. Importing this never imports torch."""

from robench.contracts.corruption import Corruption, Draws, Preset, Presets
from robench.contracts.dataset import Dataset
from robench.contracts.files import IMAGE_SUFFIXES, Download, File, Tree, is_image
from robench.contracts.inputs import ImageSize, Inputs, sides
from robench.contracts.method import Method
from robench.contracts.metric import METRICS, Measured, Metric
from robench.contracts.model import Factory, Model
from robench.contracts.options import Fraction, NonNegative, Positive, PositiveInt, PresetOptions, Sparsity, Widths
from robench.contracts.role import Role
from robench.contracts.suite import Protocol, Published, PublishedFolders, Suite
from robench.contracts.version import API_VERSION

__all__ = [
    "API_VERSION",
    "IMAGE_SUFFIXES",
    "METRICS",
    "Corruption",
    "Dataset",
    "Download",
    "Draws",
    "Factory",
    "File",
    "Fraction",
    "ImageSize",
    "Inputs",
    "Measured",
    "Method",
    "Metric",
    "Model",
    "NonNegative",
    "Positive",
    "PositiveInt",
    "Preset",
    "PresetOptions",
    "Presets",
    "Protocol",
    "Published",
    "PublishedFolders",
    "Role",
    "Sparsity",
    "Suite",
    "Tree",
    "Widths",
    "is_image",
    "sides",
]
