"""Residual networks for small images, assembled from torchvision's basic block."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock

from robench.contracts import Model, PositiveInt

Shortcut = Callable[[int, int, int], nn.Module]


class PaddedShortcut(nn.Module):
    """Option A of He et al. 2016: keep every `stride`-th row and column and append zero channels; no parameters."""

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
    num_classes: int, in_channels: int, width: int, blocks: Sequence[int], shortcut: Shortcut
) -> nn.Module:
    """Build a 3x3 stride-1 stem without max-pool, the stages, average pooling and one linear layer.

    `blocks` counts the basic blocks of each stage; each stage after the first doubles the channels and halves height
    and width. Parameters are named as in torchvision's ResNet; convolutions start from He et al. 2015 (fan-out).
    """
    stem = nn.Conv2d(in_channels, width, kernel_size=3, padding=1, bias=False)
    layers: OrderedDict[str, nn.Module] = OrderedDict(conv1=stem, bn1=nn.BatchNorm2d(width), relu=nn.ReLU())
    for index, count in enumerate(blocks):
        before, after, stride = width << max(index - 1, 0), width << index, 2 if index else 1
        layers[f"layer{index + 1}"] = _stage(before, after, count, stride, shortcut)
    layers |= {"avgpool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten()}
    layers["fc"] = nn.Linear(width << (len(blocks) - 1), num_classes)
    model = nn.Sequential(layers)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return model


def build_resnet20(num_classes: int, in_channels: int, image_size: int, *, width: PositiveInt = 16) -> nn.Module:
    """Build the CIFAR ResNet-20 (option A): 269,722 parameters at width 16, 3 channels and 10 classes."""
    return residual_network(num_classes, in_channels, width, (3, 3, 3), PaddedShortcut)


def build_resnet18(num_classes: int, in_channels: int, image_size: int, *, width: PositiveInt = 64) -> nn.Module:
    """Build ResNet-18 (option B): 11,164,352 weights in convolutions and the linear layer at width 64, 10 classes."""
    return residual_network(num_classes, in_channels, width, (2, 2, 2, 2), projected_shortcut)


def build_resnet34(num_classes: int, in_channels: int, image_size: int, *, width: PositiveInt = 64) -> nn.Module:
    """Build ResNet-34 (option B)."""
    return residual_network(num_classes, in_channels, width, (3, 4, 6, 3), projected_shortcut)


resnet20 = Model(
    name="resnet20", build=build_resnet20, recipe="sgd", reference="He et al. 2016, arXiv:1512.03385, section 4.2"
)
resnet18 = Model(
    name="resnet18",
    build=build_resnet18,
    recipe="sgd",
    reference="He et al. 2016, arXiv:1512.03385, table 1, with the stem of section 4.2 for small images",
)
resnet34 = Model(
    name="resnet34",
    build=build_resnet34,
    recipe="sgd",
    reference="He et al. 2016, arXiv:1512.03385, table 1, with the stem of section 4.2 for small images",
)
