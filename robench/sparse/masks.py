"""Which weights can be masked, and random masks of an exact size."""

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from robench.errors import InputError
from robench.sparse.products import uses_plainly

_Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d
_PROJECTIONS = ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight")


MASKED, REPARAMETRISED = "masked", "reparametrised"


def maskable(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return the weights that sparse training may mask, named and ordered as in `named_parameters()`.

    These are the trainable weights of Linear, (transposed) Conv1d/2d/3d, grouped ones included, and the input
    projections of MultiheadAttention. Never: biases, norms, embeddings (nor a weight tied to one), free
    parameters such as position embeddings, class tokens or LayerScale, frozen weights, depthwise
    convolutions (groups == in_channels > 1): they hold few weights and RigL (arXiv:1911.11134) keeps them dense, and
    weights that a layer of its own kind changes before their product, as weight-standardised convolutions do: their
    zeros are zeros no more. A tied weight appears once.

    Raises:
        InputError: A lazy parameter has no shape yet.

    Example:
        >>> list(maskable(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, groups=8))))
        ['0.weight']
    """
    chosen = {}
    for name, reason in layer_policy(model).items():
        if reason == MASKED:
            chosen[name] = model.get_parameter(name)
            if isinstance(chosen[name], UninitializedParameter):
                raise InputError(f"model: {name} has no shape yet; run one forward pass before masking")
    return chosen


def layer_policy(model: nn.Module) -> dict[str, str]:
    """Return for every parameter, in model order, "masked" or why it never is; see `maskable`.

    The reasons are "frozen", "embedding", "reparametrised" (the layer changes it before its product), "depthwise",
    "bias", "norm" and "free" (a parameter of the model's own).

    Example:
        >>> layer_policy(nn.Sequential(nn.Linear(4, 2), nn.LayerNorm(2)))
        {'0.weight': 'masked', '0.bias': 'bias', '1.weight': 'norm', '1.bias': 'bias'}
    """
    owners: dict[int, list[tuple[nn.Module, str]]] = {}
    for module in model.modules():
        for attribute, parameter in module.named_parameters(recurse=False, remove_duplicate=False):
            owners.setdefault(id(parameter), []).append((module, attribute))
    return {name: _policy(parameter, owners[id(parameter)]) for name, parameter in model.named_parameters()}


def _policy(parameter: nn.Parameter, owners: list[tuple[nn.Module, str]]) -> str:
    if not parameter.requires_grad:
        return "frozen"
    reasons = [_reason(module, attribute) for module, attribute in owners]
    return next(reason for reason in ("embedding", REPARAMETRISED, MASKED, *reasons) if reason in reasons)


def _reason(module: nn.Module, attribute: str) -> str:
    if attribute == "weight" and isinstance(module, nn.Embedding | nn.EmbeddingBag):
        return "embedding"
    if isinstance(module, nn.MultiheadAttention) and attribute in _PROJECTIONS:
        return MASKED
    if attribute == "weight" and isinstance(module, nn.Linear | _Convolution):
        if not uses_plainly(module):
            return REPARAMETRISED
        depthwise = isinstance(module, _Convolution) and module.groups == module.in_channels > 1
        return "depthwise" if depthwise else MASKED
    if attribute.endswith("bias"):
        return "bias"
    return "norm" if attribute == "weight" and "Norm" in type(module).__name__ else "free"


def mask_like(weight: Tensor, flat: Tensor) -> Tensor:
    """Return bool values in row-major order, as many as `weight` has, in its shape, memory format and device.

    Example:
        >>> mask_like(torch.zeros(2, 2), torch.tensor([True, False, False, True])).int().tolist()
        [[1, 0], [0, 1]]
    """
    return torch.empty_like(weight, dtype=torch.bool, requires_grad=False).copy_(flat.view(weight.shape))


def random_mask(like: Tensor, nonzero: int, generator: torch.Generator) -> Tensor:
    """Return a bool mask with the shape, device and memory format of `like` and exactly `nonzero` ones.

    Positions are a uniformly random subset, drawn as a permutation of row-major indices on the generator's
    device, so that they do not depend on the device or the memory format. 0 <= nonzero <= like.numel().

    Example:
        >>> mask = random_mask(torch.empty(10, 10), 30, torch.Generator())
        >>> mask.shape, int(mask.sum())
        (torch.Size([10, 10]), 30)
    """
    flat = torch.zeros(like.numel(), dtype=torch.bool, device=generator.device)
    flat[torch.randperm(like.numel(), generator=generator, device=generator.device)[:nonzero]] = True
    return mask_like(like, flat)
