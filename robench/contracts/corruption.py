"""Corruption: a pure function from images to worse images."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from robench.contracts.files import Download

if TYPE_CHECKING:
    import numpy as np

Presets = Mapping[str, tuple[Any, Any, Any, Any, Any]]
"""Preset name ("cifar", "tiny", "imagenet") -> the parameters of severities 1 to 5."""


class Draws(Protocol):
    """Where a corruption gets its random numbers: one source for each image of the batch, in order.

    `each()` yields, image after image, an object with NumPy's `normal`, `uniform`, `poisson`, `random` and `integers`
    (low inclusive, high exclusive). A corruption must take all numbers of an image before it asks for the next
    one. In the legacy stream all images share one MT19937 state, in the counter stream each has its own.
    """

    def each(self) -> "Iterator[Any]":
        """Yield the source of image 0, 1, ... of the batch."""


@dataclass(frozen=True)
class Corruption:
    """One corruption at five severities.

    `function(images, level, draws) -> images`: uint8 (N, H, W, C) both, C 1 or 3, H and W >= 32; `level` is the entry
    of `presets` for the severity. Where `assets` are declared, `function` also gets `assets=folder`, the folder
    below the data root that holds them.

    Laws: shape and dtype kept, input not written to; the bytes of an image depend on its pixels, its level and its
    draws alone, never on its neighbours; no global random state.
    """

    name: str
    group: str
    function: "Callable[..., np.ndarray]"
    presets: Presets
    reference: str
    assets: tuple[Download, ...] = ()
    assets_folder: str | None = None

    def path_of_assets(self, root: Path) -> Path | None:
        """Return the folder of the assets below the data root, None where there are none."""
        return root / self.assets_folder if self.assets_folder else None
