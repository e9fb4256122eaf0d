"""The file of correctness bits of a run: an .npz of `clean` uint8 (1, bytes) and `cells` uint8 (cells, bytes).

Eight images a byte, the first in the highest bit; what is left over of the last byte is 0.
"""

import io
import zipfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from robench.errors import StoreError

Packed = npt.NDArray[np.uint8]
# What zipfile and NumPy raise for outside bytes: no file or no array, a member that is missing, encrypted
# (RuntimeError) or packed in a way unknown here (NotImplementedError), and broken content.
_BROKEN = (OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)


def encode(clean: np.ndarray, cells: np.ndarray) -> bytes:
    """Return the file for correctness as bool (images,) and (cells, images)."""
    buffer = io.BytesIO()
    np.savez(buffer, clean=pack_bits(clean[None]), cells=pack_bits(cells))
    return buffer.getvalue()


def read(path: Path, cells: int, images: int) -> tuple[Packed, Packed]:
    """Return `clean` (1, bytes) and `cells` (cells, bytes), still packed.

    Nothing is unpickled, and no more is read than these shapes need. Raises StoreError where the file is not of them.
    """
    width = -(-images // 8)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = tuple(
                _array(archive.open(f"{name}.npy"), shape)
                for name, shape in (("clean", (1, width)), ("cells", (cells, width)))
            )
    except _BROKEN as error:
        raise StoreError(f"{path.name}: {error or type(error).__name__}") from None
    unused = 0xFF >> (images % 8 or 8)
    if any((part[:, -1:] & unused).any() for part in parts):
        raise StoreError(f"{path.name}: bits are set beyond the {images} images")
    return parts[0], parts[1]


def ones(packed: Packed) -> npt.NDArray[np.int64]:
    """Count the bits that are set in each line, int (lines,)."""
    counts: npt.NDArray[np.int64] = np.bitwise_count(packed).sum(axis=1, dtype=np.int64)
    return counts


def _array(file: IO[bytes], shape: tuple[int, int]) -> Packed:
    with file:
        major, _ = np.lib.format.read_magic(file)
        if major != 1:
            raise ValueError(f"an array of format {major}, want 1")
        found, by_column, kind = np.lib.format.read_array_header_1_0(file)
        if (found, kind, by_column) != (shape, np.dtype(np.uint8), False):
            raise ValueError(f"an array {found} of {kind}, want {shape} of uint8")
        content = file.read(shape[0] * shape[1] + 1)
    if len(content) != shape[0] * shape[1]:
        raise ValueError(f"{len(content)} bytes of bits, want {shape[0] * shape[1]}")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


def pack_bits(correct: np.ndarray) -> np.ndarray:
    """Pack bool (cells, images) into uint8 (cells, ceil(images / 8)), first image in the highest bit."""
    return np.packbits(correct, axis=-1)


def unpack_bits(packed: np.ndarray, images: int) -> np.ndarray:
    """Undo `pack_bits`: bool (cells, images)."""
    return np.unpackbits(packed, axis=-1, count=images).astype(bool)
