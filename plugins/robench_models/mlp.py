"""Multilayer perceptron."""

from itertools import pairwise

from torch import nn

from robench.contracts import ImageSize, Inputs, Model, PositiveInt, Widths
from robench_models._widths import stages, up_to


def build(
    num_classes: int,
    in_channels: int,
    image_size: ImageSize,
    *,
    width: PositiveInt = 512,
    depth: PositiveInt = 2,
    widths: Widths | None = None,
) -> nn.Module:
    """Build `depth` hidden layers of `width` ReLU units between the flattened image and the logits.

    `widths` gives each hidden layer its own.
    """
    sizes = [Inputs.of_images(in_channels, image_size).values, *stages(width, [1] * depth, widths)]
    layers: list[nn.Module] = [nn.Flatten()]
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], num_classes))


def widths(*, width: int, depth: int, widths: Widths | None = None) -> tuple[range, ...]:
    """Return the units that each hidden layer may have."""
    return up_to(stages(width, [1] * depth, widths))


mlp = Model(
    name="mlp",
    build=build,
    recipe="sgd",
    reference="Rumelhart, Hinton and Williams 1986, doi:10.1038/323533a0",
    widths=widths,
)
