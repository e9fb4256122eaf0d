"""The forms in which people hold images, and the one in which they are corrupted: uint8 (N, H, W, C)."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from robench.errors import InputError

Images = NDArray[np.uint8]
FORMS = "uint8 (N, H, W, 3) or (N, H, W, 1), of a single image (H, W, 3), (H, W, 1) or (H, W)"
TENSORS = "uint8 (N, 3, H, W) or (N, 1, H, W), of a single image (3, H, W) or (1, H, W)"
SMALLEST_PIXELS = 32


@final
@dataclass(frozen=True)
class Form:
    """Images as a batch, uint8 (N, H, W, C) with C = 1 or 3, and the way back to the form in which they came.

    `single`: they came as one image without the axis N.

    Example:
        >>> image = np.zeros((32, 48, 3), np.uint8)
        >>> form = Form(image[None], single=True, restore=lambda out: out[0])
        >>> form.restore(form.batch).shape
        (32, 48, 3)
    """

    batch: Images
    single: bool
    restore: Callable[[Images], Any]


def form_of(images: Any) -> Form:
    """Recognise a NumPy array, a torch tensor or a Pillow image; nothing is scaled, cut or converted.

    Raises:
        InputError: Another type, shape or size, or values that are not bytes.

    Example:
        >>> grey = np.zeros((32, 48), np.uint8)
        >>> form_of(grey).batch.shape, form_of(grey).restore(form_of(grey).batch).shape
        ((1, 32, 48, 1), (32, 48))
    """
    form = next((made for read in (_pillow, _tensor, _array) if (made := read(images)) is not None), None)
    if form is None:
        kinds = "a NumPy array, a torch tensor or a Pillow image"
        raise InputError(f"images: {type(images).__name__}; expected {kinds}, uint8 (N, H, W, 3) or (N, H, W, 1)")
    height, width = form.batch.shape[1:3]
    if min(height, width) < SMALLEST_PIXELS:
        raise InputError(f"images: {height} x {width} pixels; expected at least {SMALLEST_PIXELS} x {SMALLEST_PIXELS}")
    return form


def _array(images: Any) -> Form | None:
    shape, dtype = getattr(images, "shape", None), getattr(images, "dtype", None)
    if shape is None or dtype is None:
        return None
    if str(dtype) != "uint8":
        raise InputError(f"images: dtype {dtype}; expected uint8 with values 0 to 255")
    single = len(shape) != 4
    channels_last = tuple(shape) if len(shape) != 2 else (*shape, 1)
    if len(channels_last) not in (3, 4) or channels_last[-1] not in (1, 3):
        raise InputError(f"images: shape {tuple(shape)}; expected {FORMS}")
    batch = np.reshape(images, (1, *channels_last)) if single else images
    return Form(batch, single, lambda out: out.reshape(shape))


def _tensor(images: Any) -> Form | None:
    torch = sys.modules.get("torch")  # whoever holds a tensor has imported it
    if torch is None or not isinstance(images, torch.Tensor):
        return None
    if images.dtype != torch.uint8:
        how = "(x * 255).round().to(torch.uint8) of values in [0, 1]"
        raise InputError(f"images: dtype {images.dtype}; expected torch.uint8 with values 0 to 255, as {how}")
    if images.dim() not in (3, 4) or images.shape[-3] not in (1, 3):
        raise InputError(f"images: shape {tuple(images.shape)}; expected of a tensor {TENSORS}")
    single = images.dim() == 3
    plain = images.detach().as_subclass(torch.Tensor).movedim(-3, -1).cpu().numpy()

    def restore(out: Images) -> Any:
        back = torch.from_numpy(out[0] if single else out).movedim(-1, -3).contiguous().to(images.device)
        return back.as_subclass(type(images))  # a torchvision tv_tensor stays one

    return Form(plain[None] if single else plain, single, restore)


def _pillow(images: Any) -> Form | None:
    pillow = sys.modules.get("PIL.Image")
    if pillow is None or not isinstance(images, pillow.Image):
        return None
    if images.mode not in ("RGB", "L"):
        raise InputError(f'images: a Pillow image of mode {images.mode}; expected RGB or L, as image.convert("RGB")')
    batch = np.asarray(images, np.uint8)[None]
    if images.mode == "L":
        batch = batch[..., None]
    return Form(batch, True, lambda out: pillow.fromarray(out[0] if images.mode == "RGB" else out[0, ..., 0]))
