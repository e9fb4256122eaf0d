"""What is known of an image beside its pixels, such as depth: one file an image, given by the user."""

from pathlib import Path

import numpy as np
from PIL import Image

from robench.errors import DataError


def read_map(folder: Path, place: str, size: int) -> np.ndarray:
    """Return the map of the image `<class>/<name>` as float32 (size, size).

    It is `<class>/<name>.npy` of numbers, or `.png` of 8 or 16 bits, in `folder`, of the image as it is corrupted
    (resized and cropped). Raises DataError where it is missing, damaged or of another shape.
    """
    path = folder / f"{place}.npy"
    if not path.exists():
        path = folder / f"{place}.png"
    try:
        values = np.load(path, allow_pickle=False) if path.suffix == ".npy" else np.asarray(Image.open(path))
    except FileNotFoundError:
        raise DataError(f"{folder}: no map {place}.npy or {place}.png") from None
    except (OSError, ValueError, EOFError, SyntaxError):
        raise DataError(f"{path}: truncated, or neither .npy nor .png") from None
    if values.shape != (size, size) or values.dtype.kind not in "uif":
        raise DataError(f"{path}: holds {values.dtype} {values.shape}; numbers ({size}, {size}) are needed")
    return values.astype(np.float32)
