"""A small network with every kind of parameter that sparse training meets."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

INPUT = (3, 8, 8)
CLASSES = 10
WIDTHS = (8, 8, 16, 24)


class Network(nn.Module):
    """Convolutions (plain, depthwise, grouped), norms, attention, tokens, an embedding and a layer used twice.

    float32 (N, 3, 8, 8) -> (N, 10). `widths`: channels before and after the grouped convolution (even), hidden
    units of the colours and of the head. Activations are smooth, so that no weight's gradient is exactly 0 by chance.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        first, channels, tint, hidden = widths
        self.stem = nn.Conv2d(3, first, 3, padding=1)
        self.norm = nn.BatchNorm2d(first)
        self.depthwise = nn.Conv2d(first, first, 3, padding=1, groups=first)
        self.grouped = nn.Conv2d(first, channels, 3, stride=2, groups=2)
        self.brightness = nn.Embedding(2, channels)
        self.token = nn.Parameter(torch.randn(1, 1, channels))
        self.position = nn.Parameter(torch.randn(1, 10, channels))
        self.attention = nn.MultiheadAttention(channels, 2, batch_first=True)
        self.scale = nn.Parameter(torch.full((channels,), 0.5))
        self.shared = nn.Linear(channels, channels)
        self.again = self.shared
        self.last_norm = nn.LayerNorm(channels)
        self.tint = nn.Linear(3, tint)
        self.weigh = nn.Linear(tint, CLASSES)
        self.hidden = nn.Linear(channels, hidden)
        self.head = nn.Linear(hidden, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        maps = gelu(self.norm(self.stem(images)))
        maps = gelu(self.grouped(maps + self.depthwise(maps)))
        bright = self.brightness((images.mean((1, 2, 3)) > 0).long())
        token = self.token.expand(len(images), -1, -1) + bright[:, None]
        tokens = torch.cat([token, maps.flatten(2).transpose(1, 2)], 1) + self.position
        tokens = tokens + self.scale * self.attention(tokens, tokens, tokens, need_weights=False)[0]
        tokens = self.again(torch.tanh(self.shared(tokens)))
        tint: Tensor = self.weigh(torch.tanh(self.tint(images.mean((2, 3)))))
        logits: Tensor = self.head(torch.tanh(self.hidden(self.last_norm(tokens).mean(1))))
        return logits + tint


class Matrices(nn.Module):
    """Two matrices and nothing else, for optimisers that take no other parameters: (N, 3, 8, 8) -> (N, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(3 * 8 * 8, 16, bias=False)
        self.head = nn.Linear(16, CLASSES, bias=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        logits: Tensor = self.head(torch.tanh(self.hidden(images.flatten(1))))
        return logits


def gradients(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Leave the gradients of one batch in the model; return the loss."""
    loss = nn.functional.cross_entropy(model(images), labels)
    torch.autograd.backward(loss)
    return loss.item()


def accumulate(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], *, apart: bool) -> None:
    """Leave the gradient of the mean loss of several batches in the model: of one backward pass, or of one for each."""
    dtype = next(model.parameters()).dtype
    parts = list(batches)
    losses = (nn.functional.cross_entropy(model(x.to(dtype)), labels) / len(parts) for x, labels in parts)
    for roots in ([loss] for loss in losses) if apart else [list(losses)]:
        torch.autograd.backward(roots)


def batch(step: int, size: int = 4) -> tuple[Tensor, Tensor]:
    """Return images and labels of a step: the same whenever they are asked for."""
    rng = torch.Generator().manual_seed(step)
    return torch.randn(size, *INPUT, generator=rng), torch.randint(CLASSES, (size,), generator=rng)
