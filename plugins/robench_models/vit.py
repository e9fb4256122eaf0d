"""Vision transformer for small images."""

from timm.models.vision_transformer import VisionTransformer
from torch import nn

from robench.contracts import Fraction, ImageSize, Model, PositiveInt, Widths, sides
from robench.errors import InputError
from robench_models._widths import stages

HEADS = 3
MLP_RATIO = 4


def build(
    num_classes: int,
    in_channels: int,
    image_size: ImageSize,
    *,
    width: PositiveInt = 192,
    depth: PositiveInt = 12,
    patch_size: PositiveInt = 4,
    dropout: Fraction = 0.0,
    widths: Widths | None = None,
) -> nn.Module:
    """Build timm's VisionTransformer: 3 heads, class token, MLP ratio 4.

    `widths` gives the embedding and the hidden layers of the MLPs their own. `dropout` acts after the position
    embedding and in every MLP and attention projection. Raises InputError where the embedding is no multiple of 3
    or a side of the image none of `patch_size`.
    """
    embedding, hidden = stages(width, (1, MLP_RATIO), widths)
    height, width_pixels = sides(image_size)
    checked = (
        ("width", embedding, HEADS),
        ("image height", height, patch_size),
        ("image width", width_pixels, patch_size),
    )
    for field, value, unit in checked:
        if value % unit:
            raise InputError(f"vit-tiny: {field} {value} is not a multiple of {unit}")
    return VisionTransformer(
        img_size=image_size,
        patch_size=patch_size,
        in_chans=in_channels,
        num_classes=num_classes,
        embed_dim=embedding,
        depth=depth,
        num_heads=HEADS,
        mlp_ratio=(hidden + 0.5) / embedding,  # timm rounds the product down
        pos_drop_rate=dropout,
        proj_drop_rate=dropout,
    )


def widths(*, width: int, widths: Widths | None = None, **others: object) -> tuple[range, ...]:
    """Return the sizes that the embedding and the hidden layers of the MLPs may have."""
    embedding, hidden = stages(width, (1, MLP_RATIO), widths)
    return range(HEADS, embedding + 1, HEADS), range(1, hidden + 1)


vit_tiny = Model(
    name="vit-tiny",
    build=build,
    recipe="adamw",
    reference="Touvron et al. 2021, arXiv:2012.12877, DeiT-Ti, here with 4x4 patches",
    widths=widths,
)
