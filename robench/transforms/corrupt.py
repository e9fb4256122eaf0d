"""A corruption as a transform of torchvision."""

from pathlib import Path
from typing import Any, final

import numpy as np
from torchvision.transforms.v2 import Transform

from robench import registry
from robench.contracts import Corruption
from robench.corruption import apply
from robench.errors import InputError
from robench.transforms.indexed import current_index


@final
class Corrupt(Transform):  # type: ignore[misc]  # torchvision ships no types
    """Corrupt the images of a data set, each with the bytes that `robench.corrupt` gives it in the whole set.

    The bytes of an image depend on its index (and on its pixels, `seed`, corruption, severity and preset), never on
    batches, order or workers, so the data set is wrapped in `Indexed`. Stands before `ToTensor` and normalisation,
    where images are still bytes: a Pillow image of mode RGB or L, or a uint8 tensor (3, H, W) or (1, H, W), H and W at
    least 32; labels beside it are passed on. Not differentiable.

    Args:
        name: A registered corruption that needs no maps.
        severity: 1 to 5.
        preset: The severity table: "cifar", "tiny" or "imagenet".
        seed: Any whole number.
        data: Data root for corruptions that need files, else ROBENCH_DATA, else the user's cache.

    Raises:
        InputError: A value is wrong (at once), or an image has another form or no index (when it is read).
        PluginError: The name is unknown.
        DataError: A file of the corruption is missing or damaged.

    Example:
        >>> from robench.transforms import Indexed
        >>> from torchvision.datasets import FakeData
        >>> from torchvision.transforms.v2 import Compose, PILToTensor
        >>> foggy = Compose([Corrupt("fog", severity=3), PILToTensor()])
        >>> images = Indexed(FakeData(4, (3, 32, 32), transform=foggy))
        >>> image, label = images[2]
        >>> image.shape, image.dtype
        (torch.Size([3, 32, 32]), torch.uint8)
    """

    def __init__(
        self, name: str, severity: int, preset: str = "cifar", seed: int = 0, data: Path | str | None = None
    ) -> None:
        super().__init__()
        self._corruption: Corruption = registry.load("corruption", name)
        self.name, self.severity, self.preset, self.seed, self.data = name, severity, preset, seed, data
        if self._corruption.maps:
            raise InputError(f"{name}: needs {', '.join(self._corruption.maps)} of each image; use robench.corrupt")
        apply(self._corruption, np.zeros((0, 32, 32, 3), np.uint8), severity, preset, seed, data=data)

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """Return one image corrupted, in the form in which it came."""
        index = current_index()
        if index is None:
            raise InputError(
                f"Corrupt({self.name!r}): the index of the image is not known; wrap the data set, "
                "robench.transforms.Indexed(dataset)"
            )
        return apply(self._corruption, inpt, self.severity, self.preset, self.seed, data=self.data, first_index=index)

    def extra_repr(self) -> str:
        """Return the arguments, as `repr` of a pipeline shows them."""
        return f"{self.name!r}, severity={self.severity}, preset={self.preset!r}, seed={self.seed}"
