"""Trained weights, and the final masks as bits, on disk: safetensors, nothing pickled."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
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


def save_model(path: Path, model: torch.nn.Module) -> None:
    """Write the weights and buffers of a model atomically; tied tensors once each under their own name."""
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in model.state_dict().items()}
    with atomic.replacing(path) as temporary:
        save_file(tensors, temporary)


def load_model(path: Path) -> dict[str, torch.Tensor]:
    """Read the state dict that `save_model` wrote, on the CPU."""
    return load_file(path)
