"""Residual networks for small images, assembled from torchvision's basic block."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock

from robench.contracts import ImageSize, Model, PositiveInt, Widths
from robench_models._widths import stages, up_to

Shortcut = Callable[[int, int, int], nn.Module]
SMALL_TIMES = (1, 2, 4)
TIMES = (1, 2, 4, 8)
"""Channels of each stage in units of the width."""


class PaddedShortcut(nn.Module):
    """Option A of He et al. 2016: keep every `stride`-th row and column and append zero channels; no parameters.

    Where the next stage is the narrower one, the last channels are left out.
    """

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.stride, self.added = stride, after - before

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, before, H, W) to (N, after, H / stride, W / stride), sizes rounded up."""
        return nn.functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.added))


def projected_shortcut(before: int, after: int, stride: int) -> nn.Module:
    """Build option B of He et al. 2016: a strided 1x1 convolution and batch norm."""
    return nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))


def _stage(before: int, after: int, blocks: int, stride: int, shortcut: Shortcut) -> nn.Sequential:
    first = BasicBlock(before, after, stride, shortcut(before, after, stride) if stride > 1 else None)
    return nn.Sequential(first, *(BasicBlock(after, after) for _ in range(blocks - 1)))


def residual_network(
    num_classes: int, in_channels: int, channels: Sequence[int], blocks: Sequence[int], shortcut: Shortcut
) -> nn.Module:
    """Build a 3x3 stride-1 stem without max-pool, the stages, average pooling and one linear layer.

    `channels` and `blocks` are those of each stage; the stem has the channels of the first, and each stage after the
    first halves height and width. Parameters are named as in torchvision's ResNet; convolutions start from He et al.
    2015 (fan-out).
    """
    stem = nn.Conv2d(in_channels, channels[0], kernel_size=3, padding=1, bias=False)
    layers: OrderedDict[str, nn.Module] = OrderedDict(conv1=stem, bn1=nn.BatchNorm2d(channels[0]), relu=nn.ReLU())
    for index, count in enumerate(blocks):
        before, after, stride = channels[max(index - 1, 0)], channels[index], 2 if index else 1
        layers[f"layer{index + 1}"] = _stage(before, after, count, stride, shortcut)
    layers |= {"avgpool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten()}
    layers["fc"] = nn.Linear(channels[-1], num_classes)
    model = nn.Sequential(layers)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model


def build_resnet20(
    num_classes: int, in_channels: int, image_size: ImageSize, *, width: PositiveInt = 16, widths: Widths | None = None
) -> nn.Module:
    """Build the CIFAR ResNet-20 (option A): 269,722 parameters at width 16, 3 channels and 10 classes.

    The stages have width, 2 and 4 times width channels, or those of `widths`.
    """
    channels = stages(width, SMALL_TIMES, widths)
    return residual_network(num_classes, in_channels, channels, (3, 3, 3), PaddedShortcut)


def build_resnet18(
    num_classes: int, in_channels: int, image_size: ImageSize, *, width: PositiveInt = 64, widths: Widths | None = None
) -> nn.Module:
    """Build ResNet-18 (option B): 11,164,352 weights in convolutions and the linear layer at width 64, 10 classes.

    The stages have width, 2, 4 and 8 times width channels, or those of `widths`.
    """
    channels = stages(width, TIMES, widths)
    return residual_network(num_classes, in_channels, channels, (2, 2, 2, 2), projected_shortcut)


def build_resnet34(
    num_classes: int, in_channels: int, image_size: ImageSize, *, width: PositiveInt = 64, widths: Widths | None = None
) -> nn.Module:
    """Build ResNet-34 (option B); channels as in ResNet-18."""
    channels = stages(width, TIMES, widths)
    return residual_network(num_classes, in_channels, channels, (3, 4, 6, 3), projected_shortcut)


def small_widths(*, width: int, widths: Widths | None = None) -> tuple[range, ...]:
    """Return the channels that each of three stages may have."""
    return up_to(stages(width, SMALL_TIMES, widths))


def widths(*, width: int, widths: Widths | None = None) -> tuple[range, ...]:
    """Return the channels that each of four stages may have."""
    return up_to(stages(width, TIMES, widths))


resnet20 = Model(
    name="resnet20",
    build=build_resnet20,
    recipe="sgd",
    reference="He et al. 2016, arXiv:1512.03385, section 4.2",
    widths=small_widths,
)
resnet18 = Model(
    name="resnet18",
    build=build_resnet18,
    recipe="sgd",
    reference="He et al. 2016, arXiv:1512.03385, table 1, with the stem of section 4.2 for small images",
    widths=widths,
)
resnet34 = Model(
    name="resnet34",
    build=build_resnet34,
    recipe="sgd",
    reference="He et al. 2016, arXiv:1512.03385, table 1, with the stem of section 4.2 for small images",
    widths=widths,
)
