"""A small convolutional network for quick runs on a CPU."""

from torch import nn

from robench.contracts import ImageSize, Model, PositiveInt, Widths
from robench_models._widths import stages, up_to

TIMES = (1, 2, 2, 4)


def build(
    num_classes: int, in_channels: int, image_size: ImageSize, *, width: PositiveInt = 16, widths: Widths | None = None
) -> nn.Module:
    """Build four 3x3 convolutions with batch norm, average pooling and one linear layer.

    The convolutions have width, 2, 2 and 4 times width channels, or those of `widths`, and strides 2, 2, 1, 2. Any
    image size fits: the last feature map is averaged over its positions.
    """
    channels = [in_channels, *stages(width, TIMES, widths)]
    layers: list[nn.Module] = []
    for before, after, stride in zip(channels, channels[1:], (2, 2, 1, 2), strict=False):
        layers += [
            nn.Conv2d(before, after, kernel_size=3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels[-1], num_classes))


def widths(*, width: int, widths: Widths | None = None) -> tuple[range, ...]:
    """Return the channels that each convolution may have."""
    return up_to(stages(width, TIMES, widths))


cnn_small = Model(name="cnn-small", build=build, recipe="digits", reference="robench's own", widths=widths)
