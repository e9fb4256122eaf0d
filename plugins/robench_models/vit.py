"""Vision transformer for small images."""

from timm.models.vision_transformer import VisionTransformer
from torch import nn

from robench.contracts import Fraction, Model, PositiveInt
from robench.errors import InputError

HEADS = 3


def build(
    num_classes: int,
    in_channels: int,
    image_size: int,
    *,
    width: PositiveInt = 192,
    depth: PositiveInt = 12,
    patch_size: PositiveInt = 4,
    dropout: Fraction = 0.0,
) -> nn.Module:
    """Build timm's VisionTransformer: 3 heads, class token, MLP ratio 4.

    `dropout` acts after the position embedding and in every MLP and attention projection. Raises InputError where
    `width` is no multiple of 3 or `image_size` none of `patch_size`.
    """
    for field, value, unit in (("width", width, HEADS), ("image_size", image_size, patch_size)):
        if value % unit:
            raise InputError(f"vit-tiny: {field} {value} is not a multiple of {unit}")
    return VisionTransformer(
        img_size=image_size,
        patch_size=patch_size,
        in_chans=in_channels,
        num_classes=num_classes,
        embed_dim=width,
        depth=depth,
        num_heads=HEADS,
        pos_drop_rate=dropout,
        proj_drop_rate=dropout,
    )


vit_tiny = Model(
    name="vit-tiny",
    build=build,
    recipe="adamw",
    reference="Touvron et al. 2021, arXiv:2012.12877, DeiT-Ti, here with 4x4 patches",
)
