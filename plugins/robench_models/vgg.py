"""VGG with batch norm for small images."""

from torch import nn

from robench.contracts import ImageSize, Model, PositiveInt, Widths, sides
from robench.errors import InputError
from robench_models._widths import stages, up_to

TIMES = (1, 2, 4, 8, 8)
"""Channels of each stage in units of the width."""
CONVOLUTIONS = (2, 2, 3, 3, 3)


def build(
    num_classes: int, in_channels: int, image_size: ImageSize, *, width: PositiveInt = 64, widths: Widths | None = None
) -> nn.Module:
    """Build the 13 convolutions of VGG-16 with batch norm, average pooling and one linear layer.

    The three linear layers of the original give way to one, as usual on CIFAR: 14,728,266 parameters at width 64,
    3 channels and 10 classes. Convolutions keep their biases, as in torchvision's `vgg16_bn`, whose `features`
    are the same. They start from He et al. 2015 (normal, fan-out). Raises InputError below 32 pixels, which five
    poolings would not leave one of. `widths` gives each of the five stages its own number of channels.
    """
    if min(sides(image_size)) < 32:
        raise InputError(f"vgg16: image_size {image_size} is below 32")
    layers: list[nn.Module] = []
    before = in_channels
    for channels, count in zip(stages(width, TIMES, widths), CONVOLUTIONS, strict=True):
        for _ in range(count):
            layers += [nn.Conv2d(before, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU()]
            before = channels
        layers.append(nn.MaxPool2d(2))
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, num_classes)]
    return nn.Sequential(nn.Sequential(*layers), *head)


def widths(*, width: int, widths: Widths | None = None) -> tuple[range, ...]:
    """Return the channels that each stage may have."""
    return up_to(stages(width, TIMES, widths))


vgg16 = Model(
    name="vgg16",
    build=build,
    recipe="sgd",
    reference="Simonyan and Zisserman 2015, arXiv:1409.1556, configuration D, with batch norm",
    widths=widths,
)
