"""Networks whose layer shapes have published densities."""

from functools import cache

import torch
import torchvision
from torch import nn

from robench.sparse.masks import maskable


@cache
def cifar_resnet18() -> nn.Module:
    """11,164,352 conv and fc weights; on the meta device."""
    with torch.device("meta"):
        model = torchvision.models.resnet18(num_classes=10)
        model.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    return model


@cache
def imagenet_resnet50() -> nn.Module:
    """25,502,912 conv and fc weights, stride on the 3x3 convolutions (v1.5); on the meta device."""
    with torch.device("meta"):
        return torchvision.models.resnet50()


def shapes(model: nn.Module) -> dict[str, torch.Size]:
    return {name: weight.shape for name, weight in maskable(model).items()}
