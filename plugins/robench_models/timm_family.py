"""Every architecture of the timm library, untrained."""

from collections.abc import Sequence
from typing import Any

import timm
from timm.models import get_pretrained_cfg
from torch import nn

from robench.contracts import ImageSize, Model
from robench.errors import unknown


def variants() -> Sequence[str]:
    """Return the names timm knows, without the tags of its trained weights."""
    return timm.list_models()


def build(num_classes: int, in_channels: int, image_size: ImageSize, *, variant: str) -> nn.Module:
    """Build `timm/<variant>` with random weights.

    `image_size` is passed on to architectures of fixed input size. Others keep timm's ImageNet stem, which leaves few
    positions of a 32x32 image. Raises InputError for a variant that timm does not have.
    """
    if variant not in variants():
        raise unknown("variant", variant, variants())
    known = get_pretrained_cfg(variant)
    fixed: dict[str, Any] = {"img_size": image_size} if known and known.fixed_input_size else {}
    return timm.create_model(variant, pretrained=False, num_classes=num_classes, in_chans=in_channels, **fixed)


timm_family = Model(
    name="timm",
    build=build,
    recipe="adamw",
    reference="Wightman 2019, PyTorch Image Models, doi:10.5281/zenodo.4414861",
    variants=variants,
)
