"""Checkpoints of an unfinished run: tensors as safetensors, the rest as JSON, nothing pickled.

`resume.json` names the tensor file that belongs to it and that file's SHA-256. The tensor file is written first under
a new name and the old one removed last, so a kill at any moment leaves one whole checkpoint.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from robench import atomic
from robench.runs.folder import RESUME, RESUME_TENSORS

_TENSOR = "__tensor__"
_PAIRS = "__pairs__"


def save(folder: Path, step: int, state: dict[str, Any]) -> None:
    """Replace the checkpoint of a run folder; `state` nests dicts and lists of tensors and plain JSON values."""
    tensors: dict[str, torch.Tensor] = {}
    plain = _split(state, "state", tensors)
    path = folder / RESUME_TENSORS.format(step=step)
    with atomic.replacing(path) as temporary:
        save_file(tensors, temporary)
    index = {"tensors": path.name, "sha256": atomic.sha256(path), "step": step, "state": plain}
    atomic.write_text(folder / RESUME, json.dumps(index))
    for old in folder.glob(RESUME_TENSORS.format(step="*")):
        if old != path:
            old.unlink()


def exists(folder: Path) -> bool:
    """Say whether a run folder has a checkpoint, whole or not."""
    return (folder / RESUME).exists()


def load(folder: Path) -> dict[str, Any] | None:
    """Return the state last saved, or None where there is none or it is not whole (the run then starts anew)."""
    try:
        index = json.loads((folder / RESUME).read_bytes())
        path = folder / Path(index["tensors"]).name
        if atomic.sha256(path) != index["sha256"]:
            return None
        state: dict[str, Any] = _join(index["state"], load_file(path))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return state


def _split(value: Any, place: str, tensors: dict[str, torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        tensors[place] = value.detach().cpu().contiguous().clone()
        return {_TENSOR: place}
    if isinstance(value, dict):
        return {_PAIRS: [[key, _split(item, f"{place}/{key}", tensors)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return [_split(item, f"{place}/{index}", tensors) for index, item in enumerate(value)]
    return value


def _join(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    if isinstance(value, dict) and _TENSOR in value:
        return tensors[value[_TENSOR]]
    if isinstance(value, dict):
        return {key: _join(item, tensors) for key, item in value[_PAIRS]}
    if isinstance(value, list):
        return [_join(item, tensors) for item in value]
    return value
