"""Model: a network architecture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from robench.contracts.version import UNSTATED

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Model:
    """An architecture, or a family of them.

    `build(num_classes, in_channels, image_size, **options) -> nn.Module`: options are keyword-only parameters
    with a type and a default, `image_size` the side of square images in pixels, else (height, width) (see `inputs`).
    Initialisation draws from torch's global generator, which robench seeds.
    `variants` lists the members of a family: users write `family/variant`, `build` gets `variant=`.
    `recipe` names the training recipe that is used unless another is asked for.
    `widths(**options)` makes narrower controls possible: for each stage the widths it may have, ascending, the last
    one being its width at these options. `build` then takes `widths=`, one number a stage, and works on the meta
    device.

    Laws: input is float32 (N, in_channels, height, width), output float32 logits (N, num_classes);
    the same seed gives the same weights; evaluation of one image does not depend on the others in its batch.
    """

    name: str
    build: Callable[..., "nn.Module"]
    recipe: str
    reference: str
    variants: Callable[[], Sequence[str]] | None = None
    widths: Callable[..., tuple[range, ...]] | None = None
    api_version: int = UNSTATED


@dataclass(frozen=True)
class Factory:
    """Builds the model of one run when called, with `changes` to its options where they are given.

    `input_size` is one sample, (channels, height, width) of an image; `widths` as in `Model`, None where it cannot be
    narrowed.
    """

    build: Callable[..., "nn.Module"]
    input_size: tuple[int, ...]
    widths: tuple[range, ...] | None = None

    def __call__(self, **changes: Any) -> "nn.Module":
        """Return a new model; torch's global generator decides its weights."""
        return self.build(**changes)
