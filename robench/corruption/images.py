"""Corrupt images: `corrupt(images, "fog", severity=3)`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from robench import registry
from robench.contracts import Corruption, Download, Draws
from robench.corruption.forms import Form, Images, form_of
from robench.corruption.streams import draws
from robench.download import checksums, roots
from robench.errors import DataError, InputError, PluginError, unknown
from robench.schema import whole

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

AnyImages = TypeVar("AnyImages", Images, "Tensor", "Image")
"""A NumPy array, a torch tensor or a Pillow image: what goes in comes out."""
Maps = Mapping[str, NDArray[np.float32]]

_VALUES_AT_ONCE = 2**17
"""Pixels x channels handed to a corruption at once: float64 of this many still fits a second-level cache."""
_GREEN = 1


def corrupt(
    images: AnyImages,
    name: str,
    severity: int,
    preset: str = "cifar",
    seed: int = 0,
    stream: str = "counter",
    data: Path | str | None = None,
    first_index: int = 0,
    maps: Maps | None = None,
) -> AnyImages:
    """Return images under a corruption, in the form in which they came.

    With `stream="counter"` the bytes of an image depend only on its pixels, `seed`, the corruption, the severity,
    the preset and its index, which is `first_index` for images[0]: a set may be made in any pieces and order, by any
    number of workers. With `stream="legacy"` one MT19937 stream `RandomState(seed)` runs through all images in
    the order of the published code, bit for bit; they have to come in one call.

    A grey image is corrupted as RGB with equal channels, and the green channel of the result is kept. The input is
    never written to; no global random state is used.

    Args:
        images: With H and W >= 32 one of: a NumPy array, uint8 (N, H, W, 3) RGB or (N, H, W, 1) grey, or of a single
            image (H, W, 3), (H, W, 1) or (H, W); a torch tensor on any device, uint8 (N, C, H, W) or (C, H, W) with
            C = 3 or 1; a Pillow image of mode RGB or L. A single image has the index `first_index`.
        name: A registered corruption.
        severity: 1 to 5.
        preset: The severity table: "cifar", "tiny" (Tiny-ImageNet) or "imagenet". Levels given in pixels belong to
            images of 32, 64 and 224 pixels and do not grow with the image.
        seed: Any whole number; 0 to 2**32 - 1 in the legacy stream.
        stream: "counter" or "legacy".
        data: Data root for corruptions that need files, else ROBENCH_DATA, else the user's cache.
        first_index: Index of images[0], 0 or more; 0 in the legacy stream.
        maps: What a corruption needs to know of each image beside its pixels, for example
            {"depth": float32 (N, H, W)}, of a single image (H, W), larger = farther; see `Corruption.maps`. Others
            are not looked at.

    Returns:
        The same type, shape, and device as `images`.

    Raises:
        InputError: A value, a shape or a type is wrong, in one line.
        PluginError: The name is unknown.
        DataError: A file is missing or damaged.

    Example:
        Brightness adds 0.05 to the value, of which 255 x 0.05 = 12.75; the published code cuts decimals off.

        >>> grey = np.full((4, 32, 32, 3), 100, np.uint8)
        >>> np.unique(corrupt(grey, "brightness", severity=1)).tolist()
        [112]
        >>> whole = corrupt(grey, "gaussian_noise", severity=3)
        >>> bool((corrupt(grey[3:], "gaussian_noise", severity=3, first_index=3) == whole[3:]).all())
        True
    """
    corruption: Corruption = registry.load("corruption", name)
    return apply(corruption, images, severity, preset, seed, stream, data, first_index, maps)


def apply(
    corruption: Corruption,
    images: AnyImages,
    severity: int,
    preset: str,
    seed: int = 0,
    stream: str = "counter",
    data: Path | str | None = None,
    first_index: int = 0,
    maps: Maps | None = None,
) -> AnyImages:
    """Do what `corrupt` does with a corruption that need not be registered.

    Example:
        >>> levels = {"cifar": (20, 40, 60, 80, 100)}
        >>> darker = Corruption("darker", "light", lambda images, level, draws: images - np.uint8(level), levels, "")
        >>> np.unique(apply(darker, np.full((1, 32, 32, 3), 100, np.uint8), severity=2, preset="cifar")).tolist()
        [60]
    """
    form = form_of(images)
    severity = whole("severity", severity, 1, 5)
    level = _level(corruption, severity, preset)
    needed = {name: _map(corruption, name, form, maps or {}) for name in corruption.maps}
    files = keyword_of_assets(corruption, data)
    sources = draws(stream, seed, corruption.name, severity, first_index)
    out: AnyImages = form.restore(_in_batches(corruption, level, form.batch, sources, files, needed))
    return out


def _level(corruption: Corruption, severity: int, preset: str) -> Any:
    if preset not in corruption.presets:
        raise unknown("preset", str(preset), corruption.presets)
    return corruption.presets[preset][severity - 1]


def _map(corruption: Corruption, name: str, form: Form, maps: Maps) -> NDArray[np.float32]:
    shape = form.batch.shape[1:3] if form.single else form.batch.shape[:3]
    if name not in maps:
        raise InputError(
            f"{corruption.name}: needs a {name} map of each image; give maps={{{name!r}: float32 array {shape}}}"
        )
    given = np.asarray(maps[name])
    if given.shape != shape or given.dtype.kind not in "fiu":
        raise InputError(f"maps[{name!r}]: {given.dtype} {given.shape}; expected float32 of shape {shape}")
    values = given.astype(np.float32, copy=False)
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise InputError(f"maps[{name!r}]: has values that are negative or not finite; expected 0 or more")
    return values.reshape(form.batch.shape[:3])


def keyword_of_assets(corruption: Corruption, data: Path | str | None) -> dict[str, Path]:
    """Return the keyword for a corruption's files after checking that they are the right ones.

    Args:
        corruption: With the files it declares.
        data: Data root, else ROBENCH_DATA, else the user's cache.

    Returns:
        {"assets": folder}; {} where it declares none.

    Raises:
        DataError: A file is missing or damaged.

    Example:
        >>> keyword_of_assets(Corruption("same", "none", lambda images, level, draws: images, {}, ""), "data")
        {}
    """
    if not corruption.assets and corruption.assets_folder is None:
        return {}
    root = roots.root(Path(data) if data is not None else None).absolute()
    paths = {root / asset.file.path: asset for asset in corruption.assets}
    wrong = {path: fault for path, asset in paths.items() if (fault := _fault(path, asset)) is not None}
    folder = corruption.path_of_assets(root)
    if wrong:
        what = ", ".join(f"{path.name} is {fault}" for path, fault in wrong.items())
        where = ", ".join(paths[path].mirrors[0] for path in wrong)
        raise DataError(
            f"{corruption.name}: in {folder or root} {what}; put there {where} "
            "or name another data root (data=, --data or ROBENCH_DATA)"
        )
    return {"assets": folder} if folder else {}


def _fault(path: Path, asset: Download) -> str | None:
    if path in _SOUND:
        return None
    wrong = checksums.fault(path, asset.file)
    if wrong is None:
        _SOUND.add(path)
    return wrong


_SOUND: set[Path] = set()
"""Files whose digest was found right in this process; what was wrong is looked at again."""


def _in_batches(
    corruption: Corruption,
    level: Any,
    images: Images,
    sources: Callable[[int, int], Draws],
    files: dict[str, Path],
    maps: Maps,
) -> Images:
    out = np.empty(images.shape, np.uint8)
    channels = images.shape[3]
    step = max(1, _VALUES_AT_ONCE // (images.shape[1] * images.shape[2] * 3))
    for start in range(0, len(images), step):
        part = images[start : start + step]
        batch = np.array(np.broadcast_to(part, (*part.shape[:3], 3)), order="C")
        parts = {name: whole[start : start + step].copy() for name, whole in maps.items()}
        result = corruption.function(batch, level, sources(start, len(batch)), **files, **parts)
        if result.shape != batch.shape or result.dtype != np.uint8:
            raise PluginError(f"{corruption.name}: returned {result.dtype} {result.shape}, not uint8 {batch.shape}")
        out[start : start + step] = result if channels == 3 else result[..., _GREEN : _GREEN + 1]
    return out
