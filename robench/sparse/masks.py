"""Which weights can be masked, and random masks of an exact size."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from robench.errors import InputError

_CONVOLUTIONS = (
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.ConvTranspose1d,
    nn.ConvTranspose2d,
    nn.ConvTranspose3d,
)
_PROJECTIONS = ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight")


def maskable(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return the weights that sparse training may mask, named and ordered as in `named_parameters()`.

    These are the trainable weights of Linear, (transposed) Conv1d/2d/3d, grouped ones included, and the input
    projections of MultiheadAttention. Never: biases, norms, embeddings (nor a weight tied to one), free
    parameters such as position embeddings, class tokens or LayerScale, frozen weights, and depthwise
    convolutions (groups == in_channels > 1): they hold few weights and RigL (arXiv:1911.11134) keeps them dense.
    A tied weight appears once. Raises InputError for a lazy parameter that has no shape yet.
    """
    modules = list(model.modules())
    weights = {id(weight) for module in modules for weight in _weights(module)}
    embedded = {id(module.weight) for module in modules if isinstance(module, nn.Embedding | nn.EmbeddingBag)}
    chosen = {}
    for name, parameter in model.named_parameters():
        if id(parameter) in weights - embedded and parameter.requires_grad:
            if isinstance(parameter, UninitializedParameter):
                raise InputError(f"model: {name} has no shape yet; run one forward pass before masking")
            chosen[name] = parameter
    return chosen


def _weights(module: nn.Module) -> Iterator[Tensor | None]:
    if isinstance(module, nn.MultiheadAttention):
        yield from (getattr(module, name) for name in _PROJECTIONS)
    elif isinstance(module, nn.Linear) or (
        isinstance(module, _CONVOLUTIONS) and not module.groups == module.in_channels > 1
    ):
        yield module.weight


def random_mask(like: Tensor, nonzero: int, generator: torch.Generator) -> Tensor:
    """Return a bool mask with the shape, device and memory format of `like` and exactly `nonzero` ones.

    Positions are a uniformly random subset, drawn as a permutation of row-major indices on the generator's
    device, so that they do not depend on the device or the memory format. 0 <= nonzero <= like.numel().
    """
    flat = torch.zeros(like.numel(), dtype=torch.bool, device=generator.device)
    flat[torch.randperm(like.numel(), generator=generator, device=generator.device)[:nonzero]] = True
    return torch.empty_like(like, dtype=torch.bool, requires_grad=False).copy_(flat.view(like.shape))
