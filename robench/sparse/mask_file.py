"""The file of final masks: safetensors, one tensor a parameter, eight weights a byte, shapes in the header."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from robench import atomic
from robench.errors import StoreError

_SHAPES = "shapes"


def save_masks(path: Path, masks: Mapping[str, Tensor]) -> None:
    """Write bool masks under the names of their parameters, atomically; row-major, first weight in the highest bit."""
    packed = {name: torch.from_numpy(np.packbits(mask.cpu().numpy())) for name, mask in masks.items()}
    shapes = {name: list(mask.shape) for name, mask in masks.items()}
    with atomic.replacing(path) as temporary:
        save_file(packed, temporary, {_SHAPES: json.dumps(shapes)})


def load_masks(path: Path) -> dict[str, Tensor]:
    """Read what `save_masks` wrote, on the CPU; StoreError where it is not that."""
    try:
        with safe_open(path, framework="numpy") as file:
            shapes = json.loads(file.metadata()[_SHAPES])
            return {name: _unpacked(file.get_tensor(name), shape) for name, shape in shapes.items()}
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{path.name}: {error}") from None


def _unpacked(packed: np.ndarray, shape: list[int]) -> Tensor:
    size = math.prod(shape)
    if packed.dtype != np.uint8 or packed.shape != (-(-size // 8),):
        raise ValueError(f"{packed.shape} {packed.dtype} does not hold a mask of shape {shape}")
    return torch.from_numpy(np.unpackbits(packed, count=size).astype(bool).reshape(shape))
