"""Model: a network architecture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Model:
    """An architecture, or a family of them.

    `build(num_classes, in_channels, image_size, **options) -> nn.Module`: options are keyword-only parameters
    with a type and a default. Initialisation draws from torch's global generator, which robench seeds.
    `variants` lists the members of a family: users write `family/variant`, `build` gets `variant=`.
    `recipe` names the training recipe that is used unless another is asked for.

    Laws: input is float32 (N, in_channels, image_size, image_size), output float32 logits (N, num_classes);
    the same seed gives the same weights; evaluation of one image does not depend on the others in its batch.
    """

    name: str
    build: Callable[..., "nn.Module"]
    recipe: str
    reference: str
    variants: Callable[[], Sequence[str]] | None = None
