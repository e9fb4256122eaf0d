"""Corruption: a pure function from images to worse images."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from robench.contracts.files import Download
from robench.contracts.version import UNSTATED

if TYPE_CHECKING:
    import numpy as np

Presets = Mapping[str, tuple[Any, Any, Any, Any, Any]]
"""Name of a preset -> the parameters of severities 1 to 5."""


@final
class Preset(IntEnum):
    """The presets, each the side in pixels of the images that its levels are made for."""

    cifar = 32
    tiny = 64
    imagenet = 224


Draws = Iterator["np.random.RandomState"]
"""Where a corruption gets its random numbers: one source for each image of the batch, in order.

A corruption takes all numbers of an image from its source before it asks for the next one, and asks only if it
is random. In the counter stream each image has a state of its own, in the legacy stream all images share one
MT19937 state. The type is `RandomState` because NumPy's policy freezes its streams for good.
"""


@dataclass(frozen=True)
class Corruption:
    """One corruption at five severities.

    `function(images, level, draws) -> images`: uint8 (N, H, W, 3) both, RGB, H and W >= 32, N >= 1; `level` is the
    entry of `presets` for the severity. robench passes small batches that fit a processor's cache, and grey images as
    RGB with equal channels (the green one of the result is kept).

    Laws: shape and dtype kept; the bytes of an image depend on its pixels, its maps, its level and its draws alone,
    never on its neighbours; no argument is written to; no global random state.

    Attributes:
        name: As it is registered.
        group: What kind it is, such as "noise" or "weather".
        function: As above.
        presets: Name of a preset -> the levels of severities 1 to 5.
        reference: Where it is defined.
        assets: Files that it needs; `function` then also gets `assets=folder`.
        assets_folder: The folder below the data root that holds them.
        maps: Each, say "depth", is a keyword of `function` too: float32 (N, H, W), finite and not negative, given by
            the caller because it cannot be told from the image. "depth" is the distance from the camera, larger =
            farther, in metres or in any unit of the image's own; a corruption depends on ratios of depths alone.
        api_version: `API_VERSION` that it is made for.

    Example:
        >>> levels = {"cifar": (20, 40, 60, 80, 100)}
        >>> darker = Corruption("darker", "light", lambda images, level, draws: images // 100 * level, levels, "")
        >>> darker.presets["cifar"][3 - 1], darker.path_of_assets(Path("data"))
        (60, None)
    """

    name: str
    group: str
    function: "Callable[..., np.ndarray]"
    presets: Presets
    reference: str
    assets: tuple[Download, ...] = ()
    assets_folder: str | None = None
    maps: tuple[str, ...] = ()
    api_version: int = UNSTATED

    def path_of_assets(self, root: Path) -> Path | None:
        """Return the folder of the assets below the data root, None where there are none."""
        return root / self.assets_folder if self.assets_folder else None
