"""Multilayer perceptron."""

from itertools import pairwise

from torch import nn

from robench.contracts import Model, PositiveInt


def build(
    num_classes: int, in_channels: int, image_size: int, *, width: PositiveInt = 512, depth: PositiveInt = 2
) -> nn.Module:
    """Build `depth` hidden layers of `width` ReLU units between the flattened image and the logits."""
    sizes = [in_channels * image_size**2, *[width] * depth]
    layers: list[nn.Module] = [nn.Flatten()]
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width, num_classes))


mlp = Model(
    name="mlp", build=build, recipe="sgd", reference="Rumelhart, Hinton and Williams 1986, doi:10.1038/323533a0"
)
